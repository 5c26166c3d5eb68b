using System.Reflection;
using System.Security;
using System.Text.Json;

namespace Amp.Sdk.Tests.Mcp;

/// <summary>Secrets of a server reach the CLI and nothing that shows or stores objects.</summary>
public sealed class ServerSecretTests
{
    [Fact]
    public void Nothing_public_gives_a_secret()
    {
        foreach (McpServer server in (McpServer[])[Servers.Stdio, Servers.Http])
        {
            HashSet<object> seen = [];
            string everything = string.Join('\n', Reachable(server, seen));
            Assert.DoesNotContain("canary", everything, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", JsonSerializer.Serialize(server, server.GetType()), StringComparison.Ordinal);
        }

        Assert.Equal(("web", "client", "***"), (Servers.Http.ToString(), Servers.Http.OAuth!.ToString(), new SecretText("canary").ToString()));
    }

    [Fact]
    public void What_is_no_secret_can_be_seen()
    {
        Assert.Equal(["API_KEY", "OTHER"], Servers.Stdio.Environment.Keys);
        Assert.Equal(["Authorization", "X-Secure"], Servers.Http.Headers.Keys);
        Assert.Equal("https://example.com/mcp?apiKey=***&page=1", Servers.Http.Url);
        Assert.True(Servers.Http.OAuth!.HasClientSecret);
    }

    [Fact]
    public void All_secrets_are_named_for_the_redactor()
    {
        Assert.Equal(["canary-env", "canary-secure"], Servers.Stdio.SecretValues);
        Assert.Equal(
            ["canary-query", "Bearer canary-header", "canary-header", "canary-header-secure", "canary-client"], Servers.Http.SecretValues);
        Assert.Equal(
            ["a%2Fb", "a/b"], new McpHttpServer("a", "https://example.com/?x=1&access_token=a%2Fb#end").SecretValues);
    }

    [Fact]
    public void A_secure_text_that_was_disposed_of_is_refused()
    {
        SecureString gone = new();
        gone.Dispose();
        Assert.Throws<ArgumentException>(() => new SecretText(gone));
    }

    // What ConvertTo-Json, Format-List or Export-Clixml could get at: properties, items and texts, to the last level.
    private static IEnumerable<string> Reachable(object? value, HashSet<object> seen)
    {
        if (value is null || !seen.Add(value))
        {
            yield break;
        }

        yield return value.ToString() ?? string.Empty;
        if (value is string or bool or Type || value.GetType().IsPrimitive)
        {
            yield break;
        }

        IEnumerable<object?> inside = value
            .GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => property.GetValue(value));
        IEnumerable<object?> items = value is System.Collections.IEnumerable list ? list.Cast<object?>() : [];
        foreach (string text in inside.Concat(items).SelectMany(item => Reachable(item, seen)))
        {
            yield return text;
        }
    }
}

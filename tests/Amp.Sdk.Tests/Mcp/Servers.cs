using System.Security;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Mcp;

namespace Amp.Sdk.Tests.Mcp;

/// <summary>Servers for tests, with everything that there is, and what is written of them.</summary>
internal static class Servers
{
    public static McpStdioServer Stdio { get; } = new(
        "files",
        "npx",
        ["-y", "server", ""],
        new Dictionary<string, SecretText> { ["API_KEY"] = "canary-env", ["OTHER"] = Secure("canary-secure") });

    public static McpHttpServer Http { get; } = new(
        "web",
        "https://example.com/mcp?apiKey=canary-query&page=1",
        new Dictionary<string, SecretText> { ["Authorization"] = "Bearer canary-header", ["X-Secure"] = Secure("canary-header-secure") },
        "sse",
        new McpOAuth(
            "client",
            "https://example.com/auth",
            "https://example.com/token",
            Secure("canary-client"),
            ["read", "write"],
            "http://localhost:8080/back"));

    public static SecureString Secure(string text)
    {
        SecureString result = new();
        foreach (char c in text)
        {
            result.AppendChar(c);
        }

        return result;
    }

    public static string Written(McpServer server) => Written(writer => server.WriteTo(writer));

    public static string Written(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    public static string? Composed(string? configuration, params McpServer[] servers) =>
        McpConfiguration.Compose(servers, configuration).Content is ReadOnlyMemory<byte> bytes ? Encoding.UTF8.GetString(bytes.Span) : null;

    public static AmpValidationException Refused(Func<object?> make, string optionName)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(make);
        Assert.Equal((AmpErrorId.InvalidOption, optionName), (error.ErrorId, error.OptionName));
        Assert.False(string.IsNullOrWhiteSpace(error.RecommendedAction));
        Assert.DoesNotContain("canary", $"{error} {error.Value}", StringComparison.Ordinal);
        return error;
    }
}

using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Amp.Mcp;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Mcp;

/// <summary>The one configuration that a run's CLI gets, from server objects, JSON text and files.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly PrivateHome _home = new();

    [Fact]
    public void Nothing_is_made_of_nothing()
    {
        Assert.Null(McpConfiguration.Compose(null, null).Content);
        Assert.Null(Servers.Composed(null));
        Assert.Null(Servers.Composed("{}"));
    }

    [Fact]
    public void Objects_and_text_come_together() => Assert.Equal(
        """{"a":{"command":"x"},"b":{"url":"https://b/"},"c":{"command":"y","args":["z"],"env":{"A":"1"}}}""",
        Servers.Composed(
            """{"c":{"command":"y","args":["z"],"env":{"A":"1"}}}""", new McpStdioServer("a", "x"), new McpHttpServer("b", "https://b/")));

    [Fact]
    public void Disabled_servers_are_left_out_because_the_CLI_would_refuse_or_start_them()
    {
        McpServer[] servers = [new McpStdioServer("a", "x", disabled: true), new McpHttpServer("b", "https://b/")];
        Assert.Equal("""{"b":{"url":"https://b/"}}""", Servers.Composed("""{"c":{"command":"x","disabled":true}}""", servers));
        Assert.Equal("""{"c":{"command":"x"}}""", Servers.Composed("""{"c":{"command":"x","disabled":false}}"""));
        Assert.Null(Servers.Composed(null, servers[0]));
    }

    [Fact]
    public void What_later_CLIs_may_know_is_passed_on() => Assert.Equal(
        """{"a":{"url":"https://a/","new":[1,{"x":null}]},"b":{"command":"x"}}""",
        Servers.Composed("""{"a":{"url":"https://a/","new":[1,{"x":null}]},"b":{"type":"stdio","command":"x"}}"""));

    [Theory]
    [InlineData("{\"a\":{\"command\":\"x\",},}")]
    [InlineData("// servers\n{\"a\":/* the only one */{\"command\":\"x\"}}")]
    [InlineData("\uFEFF{\"a\":{\"command\":\"x\"}}")]
    public void A_file_may_have_what_the_CLI_would_not_read(string text)
    {
        Write(text);
        Assert.Equal("""{"a":{"command":"x"}}""", Servers.Composed(Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(_home.Project, "mcp.json"))));
        Assert.Equal("""{"a":{"command":"x"}}""", Servers.Composed(Path.Combine(_home.Project, "mcp.json")));
    }

    [Fact]
    public void Broken_JSON_is_told_with_its_place()
    {
        string path = Write("{\n  \"a\": { \"command\": \"x\" }\n  \"b\": {}\n}");
        AmpValidationException error = Servers.Refused(() => Servers.Composed(path), "McpConfig");
        Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("line 3, column 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("line 1, column", Servers.Refused(() => Servers.Composed("{\"a\""), "McpConfig").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("[]", "is a list")]
    [InlineData("none.json", "does not exist")]
    [InlineData(".", "is a folder")]
    [InlineData("a\0b", "NUL")]
    [InlineData("""{"a":1}""", "is not an object")]
    [InlineData("""{"a":{}}""", "neither 'command' nor 'url'")]
    [InlineData("""{"":{"command":"x"}}""", "has no name")]
    [InlineData("""{"mcpServers":{"a":{"command":"x"}}}""", "contains the servers")]
    [InlineData("""{"amp.mcpServers":{}}""", "contains the servers")]
    [InlineData("""{"a":{"command":"x","url":"https://a/"}}""", "has both")]
    [InlineData("""{"a":{"command":1}}""", "'command' of 'a' in McpConfig is not a string")]
    [InlineData("""{"a":{"command":"x","args":"y"}}""", "is not a list")]
    [InlineData("""{"a":{"command":"x","args":["canary",1]}}""", "is not a string")]
    [InlineData("""{"a":{"command":"x","args":["canary\u0000"]}}""", "NUL")]
    [InlineData("""{"a":{"command":"x","env":["canary"]}}""", "is not an object")]
    [InlineData("""{"a":{"command":"x","env":{"A":1}}}""", "'A' in 'env' of 'a'")]
    [InlineData("""{"a":{"command":"x","env":{"A":"canary\u0000"}}}""", "NUL")]
    [InlineData("""{"a":{"command":"x","env":{"A":"canary\ud83d"}}}""", "incomplete character")]
    [InlineData("""{"\ud83d":{"command":"canary"}}""", "incomplete character")]
    [InlineData("""/* ours */ [{"command":"canary"}]""", "is a list")]
    [InlineData(""""a":{"command":"canary"}"""", "neither a JSON object")]
    [InlineData("""{"a":{"url":"a"}}""", "not a URL")]
    [InlineData("""{"a":{"url":"https://a/","headers":{"A":"canary\n"}}}""", "header 'A'")]
    [InlineData("""{"a":{"url":"https://a/","oauth":{"clientId":"canary"}}}""", "has no 'authUrl'")]
    [InlineData("""{"a":{"url":"https://a/","oauth":1}}""", "is not an object")]
    [InlineData("""{"a":{"command":"x","disabled":"yes"}}""", "neither true nor false")]
    public void What_is_no_configuration_is_refused(string configuration, string reason)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => Servers.Composed(configuration));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", $"{error} {error.Value}", StringComparison.Ordinal);
    }

    [Fact]
    public void Two_servers_cannot_have_one_name()
    {
        McpServer[] twice = [new McpStdioServer("a", "x"), new McpHttpServer("a", "https://a/")];
        Servers.Refused(() => Servers.Composed(null, twice), "McpServers");
        Servers.Refused(() => Servers.Composed("""{"a":{"command":"x"}}""", twice[0]), "McpServers");
        Servers.Refused(() => Servers.Composed("""{"a":{"command":"x"},"a":{"command":"y"}}"""), "McpServers");
    }

    [Fact]
    public void The_secrets_of_a_configuration_are_found_wherever_they_came_from()
    {
        McpComposition composed = McpConfiguration.Compose(
            [Servers.Stdio],
            """
            {"a":{"url":"https://a/?token=s1","headers":{"X":"Bearer s2"},"oauth":{"clientId":"i","clientSecret":"s3","authUrl":"https://x/",
            "tokenUrl":"https://x/"}},"b":{"command":"x","env":{"A":"s4"}}}
            """);
        Assert.Equal(["canary-env", "canary-secure", "s1", "Bearer s2", "s2", "s3", "s4"], composed.SecretValues);
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_real_CLI_reads_it_as_it_was_meant(RealCliBuild build)
    {
        string text = Servers.Composed("""{"b":{"type":"stdio","command":"y","disabled":false}}""", Servers.Stdio, Servers.Http)!;
        using JsonDocument list = JsonDocument.Parse(await ListAsync(build, Write(text)));
        Dictionary<string, JsonElement> specs = list.RootElement.EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("name").GetString()!, entry => entry.GetProperty("spec"));
        Assert.Equal(["b", "files", "web"], specs.Keys.Order());
        Assert.Equal("canary-secure", specs["files"].GetProperty("env").GetProperty("OTHER").GetString());
        Assert.Equal(3, specs["files"].GetProperty("args").GetArrayLength());
        JsonElement web = specs["web"];
        Assert.Equal("https://example.com/mcp?apiKey=canary-query&page=1", web.GetProperty("url").GetString());
        Assert.Equal("Bearer canary-header", web.GetProperty("headers").GetProperty("Authorization").GetString());
        Assert.Equal("sse", web.GetProperty("transport").GetString());
        JsonElement login = web.GetProperty("oauth");
        Assert.Equal(
            ["client", "canary-client", "https://example.com/auth", "https://example.com/token", "http://localhost:8080/back"],
            new[] { "clientId", "clientSecret", "authUrl", "tokenUrl", "redirectUrl" }.Select(name => login.GetProperty(name).GetString()));
        Assert.Equal(["read", "write"], login.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));
    }

    public void Dispose() => _home.Dispose();

    private string Write(string text)
    {
        string path = Path.Combine(_home.Project, "mcp.json");
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return path;
    }

    private async Task<string> ListAsync(RealCliBuild build, string file)
    {
        string? cli = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(cli is null, "Run 'npm ci --prefix tests/cli' to have the real CLIs.");
        bool isScript = cli.EndsWith(".js", StringComparison.Ordinal);
        ProcessStartInfo start = new(isScript ? "node" : cli)
        {
            WorkingDirectory = _home.Project,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string word in (string[])[.. isScript ? [cli] : (string[])[], "mcp", "list", "--json", "--mcp-config", file])
        {
            start.ArgumentList.Add(word);
        }

        foreach ((string name, string? value) in _home.Environment())
        {
            start.Environment[name] = value;
        }

        // Without one, the native CLI begins a login; it would ask the service for servers of the account.
        start.Environment["AMP_API_KEY"] = "none";
        start.Environment["AMP_URL"] = "http://127.0.0.1:1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(FakeRun.HangLimit);
        await process.WaitForExitAsync().WaitAsync(FakeRun.HangLimit);
        int end = output.LastIndexOf(']') + 1;
        return end > 0 ? output[..end] : throw new InvalidOperationException($"{output} {await errors}");
    }
}

namespace Amp.Sdk.Tests.Mcp;

/// <summary>What an MCP server looks like for the CLI: only what was given, under the names that it wants.</summary>
public sealed class ServerJsonTests
{
    [Fact]
    public void A_server_that_is_started_has_its_command_arguments_and_variables()
    {
        Assert.Equal(
            """{"command":"npx","args":["-y","server",""],"env":{"API_KEY":"canary-env","OTHER":"canary-secure"}}""", Servers.Written(Servers.Stdio));
        Assert.Equal("""{"command":"x"}""", Servers.Written(new McpStdioServer("a", "x")));
        Assert.Equal("""{"command":"x","disabled":true}""", Servers.Written(new McpStdioServer("a", "x", disabled: true)));
    }

    [Fact]
    public void A_server_that_is_reached_by_HTTP_has_its_address_headers_and_login()
    {
        Assert.Equal(
            """
            {"url":"https://example.com/mcp?apiKey=canary-query&page=1",
            "headers":{"Authorization":"Bearer canary-header","X-Secure":"canary-header-secure"},"transport":"sse",
            "oauth":{"clientId":"client","clientSecret":"canary-client","authUrl":"https://example.com/auth",
            "tokenUrl":"https://example.com/token","scopes":["read","write"],"redirectUrl":"http://localhost:8080/back"}}
            """.ReplaceLineEndings(string.Empty),
            Servers.Written(Servers.Http));
        Assert.Equal("""{"url":"http://[::1]:9/"}""", Servers.Written(new McpHttpServer("a", "http://[::1]:9/")));
        Assert.Equal(
            """{"url":"https://${HOST}/mcp","oauth":{"clientId":"c","authUrl":"https://a/","tokenUrl":"https://t/"},"disabled":true}""",
            Servers.Written(new McpHttpServer("a", "https://${HOST}/mcp", oauth: new McpOAuth("c", "https://a/", "https://t/"), disabled: true)));
    }

    [Fact]
    public void What_the_caller_changes_later_does_not_change_the_server()
    {
        List<string> arguments = ["a"];
        Dictionary<string, SecretText> variables = new() { ["A"] = "1" };
        McpStdioServer server = new("a", "x", arguments, variables);
        arguments.Add("b");
        variables["A"] = "2";
        variables["B"] = "3";
        Assert.Equal("""{"command":"x","args":["a"],"env":{"A":"1"}}""", Servers.Written(server));
    }

    [Fact]
    public void A_secure_text_that_the_caller_disposes_of_stays_with_the_server()
    {
        McpStdioServer server;
        using (System.Security.SecureString key = Servers.Secure("kept"))
        {
            server = new("a", "x", environment: [new("KEY", key)]);
        }

        Assert.Equal("""{"command":"x","env":{"KEY":"kept"}}""", Servers.Written(server));
    }
}

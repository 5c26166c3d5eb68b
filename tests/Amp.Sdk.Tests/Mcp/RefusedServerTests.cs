namespace Amp.Sdk.Tests.Mcp;

/// <summary>Servers that cannot work are refused when they are made, and no refusal shows a secret.</summary>
public sealed class RefusedServerTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void A_name_that_cannot_be_a_part_of_a_tool_s_name(string? name) =>
        Servers.Refused(() => new McpStdioServer(name!, "x"), "Name");

    [Theory]
    [InlineData(null, "missing or empty")]
    [InlineData(" ", "missing or empty")]
    [InlineData("a\0b", "NUL")]
    [InlineData("npx -y server", "'npx ...' contains arguments")]
    public void A_command_that_is_no_program(string? command, string reason) =>
        Assert.Contains(reason, Servers.Refused(() => new McpStdioServer("a", command!), "Command").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("C:\\Program Files\\server.exe")]
    [InlineData("/opt/my server/run")]
    public void A_path_with_a_blank_is_no_command_with_arguments(string command) =>
        Assert.Equal(command, new McpStdioServer("a", command).Command);

    [Fact]
    public void An_argument_with_a_NUL_or_none_at_all()
    {
        Assert.Contains("Argument 2", Servers.Refused(() => new McpStdioServer("a", "x", ["a", "canary\0b"]), "Arguments").Message, StringComparison.Ordinal);
        Servers.Refused(() => new McpStdioServer("a", "x", [null!]), "Arguments");
        Servers.Refused(() => new McpStdioServer("a", "x", ["canary" + (char)0xd83d]), "Arguments");
    }

    [Theory]
    [InlineData("", "value")]
    [InlineData("A=B", "value")]
    [InlineData("A\0", "value")]
    [InlineData("A", "canary\0")]
    [InlineData("A", null)]
    public void A_variable_that_no_process_can_have(string name, string? value) => Servers.Refused(
        () => new McpStdioServer("a", "x", environment: [new(name, value is null ? null! : new SecretText(value))]), "Environment");

    [Fact]
    public void A_NUL_in_a_secure_text_is_found_too() => Assert.Contains(
        "NUL",
        Servers.Refused(() => new McpStdioServer("a", "x", environment: [new("A", Servers.Secure("canary\0x"))]), "Environment").Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "missing or empty")]
    [InlineData("", "missing or empty")]
    [InlineData("example.com/mcp", "not a URL")]
    [InlineData("ftp://example.com", "not a URL")]
    [InlineData("file:///etc/passwd", "not a URL")]
    [InlineData("https://", "not a URL")]
    [InlineData("https://user:canary@example.com/", "user name or password")]
    [InlineData("https://example.com/a b", "space")]
    [InlineData("https://example.com/\r\nX: y", "control character")]
    public void An_address_that_is_none(string? url, string reason)
    {
        Assert.Contains(reason, Servers.Refused(() => new McpHttpServer("a", url!), "Url").Message, StringComparison.Ordinal);
        Servers.Refused(() => new McpOAuth("c", url!, "https://t/"), "OAuthAuthorizationUrl");
        Servers.Refused(() => new McpOAuth("c", "https://a/", url!), "OAuthTokenUrl");
    }

    [Theory]
    [InlineData("", "value")]
    [InlineData("A B", "value")]
    [InlineData("A:", "value")]
    [InlineData("Ä", "value")]
    [InlineData("A", "canary\r\nX: y")]
    [InlineData("A", "canary\n")]
    [InlineData("A", "canary\0")]
    [InlineData("A", "canary€")]
    public void A_header_that_no_request_can_have(string name, string value) =>
        Servers.Refused(() => new McpHttpServer("a", "https://a/", [new(name, value)]), "Headers");

    [Fact]
    public void A_header_that_comes_twice() =>
        Servers.Refused(() => new McpHttpServer("a", "https://a/", [new("A", "canary1"), new("a", "canary2")]), "Headers");

    [Fact]
    public void A_login_without_what_the_CLI_wants()
    {
        Servers.Refused(() => new McpOAuth(null!, "https://a/", "https://t/"), "OAuthClientId");
        Servers.Refused(() => new McpOAuth("c", "https://a/", "https://t/", "canary\0"), "OAuthClientSecret");
        Servers.Refused(() => new McpOAuth("c", "https://a/", "https://t/", scopes: ["a b"]), "OAuthScope");
        Servers.Refused(() => new McpOAuth("c", "https://a/", "https://t/", redirectUrl: "back"), "OAuthRedirectUrl");
    }

    [Theory]
    [InlineData("")]
    [InlineData("s\0e")]
    public void A_transport_that_is_no_word(string transport) =>
        Servers.Refused(() => new McpHttpServer("a", "https://a/", transport: transport), "Transport");
}

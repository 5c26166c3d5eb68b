using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Mcp;

public sealed class ServerClientTests
{
    [Fact]
    public async Task A_login_is_for_the_server_that_applies()
    {
        const string Listed = """[{"name":"a","source":"global","spec":{"url":"https://user.example/mcp"}},{"name":"a","source":"workspace","spec":{"url":"https://project.example/mcp"}}]""";
        using FakeRun fake = new(new FakeCliScript().Help("2026-03-24").WithArgument("list", script => script.Out(Listed)));
        McpServerClient client = new(fake.CliOptions());

        await client.ConnectAsync("a", "client", cancellationToken: TestContext.Current.CancellationToken);

        FakeCliRecord login = Assert.Single(FakeCliRecord.ReadAll(fake.Log), record => record.Kind == "Command" && record.Arguments.Contains("login"));
        Assert.Contains("--server-url=" + (await client.GetAsync("a", TestContext.Current.CancellationToken)).Url, login.Arguments);
        Assert.Contains(login.Arguments, argument => argument.StartsWith("--server-url=https://project.example/", StringComparison.Ordinal));
    }
}

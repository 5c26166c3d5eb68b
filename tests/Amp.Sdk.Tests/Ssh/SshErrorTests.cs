using Amp.Sdk.Tests.Support;
using Amp.Ssh;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>What is wrong with a host, its keys or its CLI is told by an error that names the host, and starts nothing.</summary>
public sealed class SshErrorTests
{
    [Fact]
    public async Task What_is_wrong_with_the_connection_has_an_ID_of_its_own()
    {
        using SshHost host = new();
        SshHost.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", string.Empty, "-f", host.File("other"));

        // The key of the host is unknown, or another one.
        host.Trust(host.File("other.pub"));
        await FailsAsync(host.Transport, AmpErrorId.HostKeyChanged);
        await File.WriteAllTextAsync(host.File("known_hosts"), string.Empty, TestContext.Current.CancellationToken);
        await FailsAsync(host.Transport, AmpErrorId.HostKeyUnknown);
        host.Trust(host.File("host_key.pub"));

        // The user's key is another one; -i comes before the configuration, whose key would be accepted.
        File.Move(host.File("user_key"), host.File("kept"));
        await FailsAsync(host.With(key: host.File("other")), AmpErrorId.HostLoginRefused);
        File.Move(host.File("kept"), host.File("user_key"));

        await FailsAsync(host.With(port: 1), AmpErrorId.HostUnreachable);
        await FailsAsync(host.With(name: "no-such-host.invalid"), AmpErrorId.HostUnreachable);
        Assert.True(host.IsClean);
    }

    [Theory]
    [InlineData("ForceCommand echo This account is currently not available.; exit 1", "not available")]
    [InlineData("ForceCommand /no/such/shell", "/no/such/shell")]
    public async Task A_host_without_a_shell_is_told(string line, string said)
    {
        using SshHost host = new(lines: [line]);
        Assert.Contains(said, (await FailsAsync(host.Transport, AmpErrorId.HostShellMissing)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_a_CLI_is_told_with_what_was_looked_at()
    {
        using SshHost host = new();
        if (!File.Exists("/usr/local/bin/amp") && !File.Exists("/usr/bin/amp"))
        {
            Assert.Contains($"{host.Home}/.local/bin", (await MissingAsync(host, null)).Message, StringComparison.Ordinal);
        }

        Assert.Contains("/no/such/amp", (await MissingAsync(host, "/no/such/amp")).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(host.File("text"), "x", TestContext.Current.CancellationToken);
        Assert.Contains("cannot be executed", (await MissingAsync(host, host.File("text"))).Message, StringComparison.Ordinal);
        Assert.Contains("is not the Amp CLI", (await MissingAsync(host, "/bin/echo")).Message, StringComparison.Ordinal);
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_folder_that_the_host_lacks_is_told()
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript().Echo());
        run.Options = run.Options with { WorkingDirectory = "/no/such/folder" };
        AmpValidationException error = (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Equal((nameof(AmpOptions.WorkingDirectory), true), (error.OptionName, error.Message.Contains(host.Address, StringComparison.Ordinal)));
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task An_option_that_the_CLI_there_lacks_is_refused_before_it_starts()
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript().Echo());
        run.Options = run.Options with { Title = "x" };
        (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.UnsupportedByCli);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Log), record => record.Kind == "Run");
        Assert.True(host.IsClean);
    }

    [Theory]
    [InlineData(1, "a minute")]
    [InlineData(15, "a minute")]
    [InlineData(20, "2 minutes")]
    [InlineData(60, "4 minutes")]
    [InlineData(3600, "240 minutes")]
    public void A_lost_connection_tells_the_time_in_which_the_host_notices_it(int seconds, string time)
    {
        SshTransport host = new("nowhere.invalid") { KeepAliveInterval = TimeSpan.FromSeconds(seconds) };
        AmpHostException error = new SshFailure(host, Path.Combine(Path.GetTempPath(), "no-such-folder", "log")).Lost();
        Assert.Contains($"within {time}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_reach_a_host_is_refused_without_a_connection()
    {
        SshTransport host = new("nowhere.invalid");
        AmpOptions[] refused =
        [
            new() { Checkpoint = true },
            new() { SettingsFile = "/etc/hosts" },
            new() { Skills = "/tmp" },
            new() { LogFile = "/tmp/log" },
            new() { Verify = (_, _) => Task.FromResult(new AmpVerification(true)), VerifyPaths = ["/etc/hosts"] },
            new() { Environment = new Dictionary<string, string?> { ["A.B"] = "x" } },
            new() { Environment = new Dictionary<string, string?> { ["A\n"] = "x" } },
        ];
        Assert.All(refused, options => Assert.Equal(
            AmpErrorId.UnsupportedByHost,
            Assert.Throws<AmpValidationException>(() => AmpClient.Preview("x", options with { Transport = host })).ErrorId));
    }

    [Theory]
    [InlineData("host", null, "host", null)]
    [InlineData("me@host:2222", "me", "host", 2222)]
    [InlineData("ssh://me@host", "me", "host", null)]
    [InlineData("DOMAIN\\me@host", "DOMAIN\\me", "host", null)]
    [InlineData("[::1]:22", null, "::1", 22)]
    [InlineData("fe80::1", null, "fe80::1", null)]
    public void A_host_is_written_as_elsewhere(string text, string? user, string name, int? port)
    {
        SshTransport host = new(text);
        Assert.Equal((user, name, port), (host.UserName, host.HostName, host.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("host:0")]
    [InlineData("host:70000")]
    [InlineData("-x@host")]
    [InlineData("host\n")]
    [InlineData("me\n@host")]
    [InlineData("host:٢٢")]
    [InlineData("`id`")]
    [InlineData("$HOME")]
    [InlineData("a;b")]
    [InlineData("a'b")]
    [InlineData("me|id@host")]
    [InlineData("me\\@host")]
    public void What_is_no_host_is_refused(string text) =>
        Assert.Equal(AmpErrorId.InvalidOption, Assert.Throws<AmpValidationException>(() => new SshTransport(text)).ErrorId);

    [Theory]
    [InlineData("BatchMode")]
    [InlineData("remotecommand")]
    [InlineData("ForkAfterAuthentication")]
    [InlineData("ControlPath")]
    [InlineData("Compression\n")]
    [InlineData("A B")]
    public void An_option_of_SSH_that_would_change_the_run_is_refused(string name) => Assert.Throws<AmpValidationException>(() => AmpClient.Preview(
        "x", new AmpOptions { Transport = new SshTransport("host") { Options = new Dictionary<string, string> { [name] = "x" } } }));

    private static async Task<AmpHostException> FailsAsync(SshTransport transport, string errorId)
    {
        AmpHostException error = await Assert.ThrowsAsync<AmpHostException>(
            () => AmpClient.RunAsync("x", new AmpOptions { Transport = transport }, TestContext.Current.CancellationToken));
        Assert.Equal((errorId, transport.HostName), (error.ErrorId, error.HostName));
        Assert.Contains(transport.HostName, error.Message, StringComparison.Ordinal);
        return error;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void A_wrong_port_is_told_as_one(int port) =>
        Assert.Equal(nameof(SshTransport.Port), Assert.Throws<AmpValidationException>(() => new SshTransport("host", port: port)).OptionName);

    private static async Task<AmpCliNotFoundException> MissingAsync(SshHost host, string? path)
    {
        AmpCliNotFoundException error = await Assert.ThrowsAsync<AmpCliNotFoundException>(() => AmpClient.GetCliAsync(
            new CliOptions { Transport = host.Transport, CliPath = path }, TestContext.Current.CancellationToken));
        Assert.Contains(host.Address, error.Message, StringComparison.Ordinal);
        return error;
    }
}

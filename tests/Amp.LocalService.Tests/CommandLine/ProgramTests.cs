using System.Diagnostics;
using System.Globalization;
using Amp.LocalService.Tests.Http;
using Xunit;

namespace Amp.LocalService.Tests.CommandLine;

public sealed class ProgramTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-TERM")]
    [InlineData("-INT")]
    public async Task It_prints_its_address_in_one_line_serves_and_ends_on_a_signal(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
        using ServiceProcess process = ServiceProcess.Start();
        process.CloseInput();
        string url = await process.ReadLineAsync(Token);
        Assert.Matches(@"^http://127\.0\.0\.1:\d+$", url);
        using (var client = new ModelClient(url))
        {
            Assert.Equal([("text", "Echo: hi")], (await client.AskAsync("hi", Token)).Blocks);
        }

        process.Signal(signal);
        Assert.Equal((0, "", ""), await process.WaitForExitAsync(Token));
    }

    [Fact]
    public async Task It_ends_with_the_process_it_was_started_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sleep program on Windows.");
        using Process parent = Process.Start("sleep", ["60"]);
        using ServiceProcess process = ServiceProcess.Start("--parent-process-id", parent.Id.ToString(CultureInfo.InvariantCulture));
        await process.ReadLineAsync(Token);
        parent.Kill();
        Assert.Equal(0, (await process.WaitForExitAsync(Token)).ExitCode);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        using ServiceProcess process = ServiceProcess.Start("--help");
        (int exitCode, string output, string error) = await process.WaitForExitAsync(Token);
        Assert.Equal((0, ""), (exitCode, error));
        string[] options =
            ["--port", "--scenario", "--data", "--record", "--api-key-variable", "--enterprise", "--parent-process-id", "--verbose"];
        Assert.All(options, option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("unknown option '--bla'", "--bla")]
    [InlineData("--port needs a value", "--port")]
    [InlineData("--port wants a number up to 65535, not '70000'", "--port", "70000")]
    [InlineData("--parent-process-id wants a number up to 2147483647, not 'me'", "--parent-process-id", "me")]
    [InlineData("the environment variable NO_SUCH_KEY is not set", "--api-key-variable", "NO_SUCH_KEY")]
    [InlineData("the scenario cannot be read", "--scenario", "/no/such/file.json")]
    public async Task A_bad_argument_is_named(string message, params string[] arguments)
    {
        using ServiceProcess process = ServiceProcess.Start(arguments);
        (int exitCode, string output, string error) = await process.WaitForExitAsync(Token);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_scenario_is_named_with_the_place_in_it()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{ "rules": [{ "answer": { "hang": 1 } }] }""", Token);
            using ServiceProcess process = ServiceProcess.Start("--scenario", file);
            (int exitCode, _, string error) = await process.WaitForExitAsync(Token);
            Assert.Equal(2, exitCode);
            Assert.Contains($"{file}: $.rules[0].answer.hang: expected true or false, found a number", error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_port_in_use_ends_it_with_the_reason()
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(cancellationToken: Token);
        using ServiceProcess process = ServiceProcess.Start("--port", new Uri(service.Url).Port.ToString(CultureInfo.InvariantCulture));
        (int exitCode, string output, string error) = await process.WaitForExitAsync(Token);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("address already in use", error, StringComparison.Ordinal);
    }
}

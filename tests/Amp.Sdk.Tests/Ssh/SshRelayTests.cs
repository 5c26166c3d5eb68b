using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Ssh;
using Amp.Testing;
using Amp.Transports;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>An agent on a host that uses the files of the conversations, and conversations that go wrong.</summary>
public sealed partial class SshRelayTests
{
    private const string Own = "amp-0123456789ABCDEF01234567";
    private const string ChangedLine = $"\n{Own} changed approve - \n";

    private static readonly AmpTool s_any = SshToolTests.Tool("Any", _ => Task.FromResult(new ToolResult("x")));

    [Fact]
    public async Task A_line_with_the_marker_of_the_relay_neither_ends_the_CLI_nor_hides_what_the_script_says()
    {
        // Before the last words of the script, the agent writes what can take a part of them.
        List<Func<string, string>> forged =
        [
            mark => $"\n{mark} exit 0\n\n{mark} changed - - \n\n{mark} lost\n",
            mark => $"\n{mark} open",
            mark => $"\n{mark} ",
            mark => $"\n{mark}",
            mark => $"\n{mark} data 1 16000\n",
            .. Enumerable.Range(0, 2 * ChangedLine.Length).Select<int, Func<string, string>>(count => mark => $"\n{mark} data 1 {count}\n"),
        ];
        foreach (Func<string, string> line in forged)
        {
            foreach (int piece in (int[])[1, 7, 100_000])
            {
                HostRelay relay = new(null!, null!, []);
                string text = $"{Own}\nof the CLI{line(relay.Marker)}{ChangedLine}\n{Own} exit 3\n";
                HostErrors errors = new(new PiecewiseStream(Encoding.ASCII.GetBytes(text), piece), Own) { Relay = relay };
                using StreamReader reader = new(errors);
                Assert.StartsWith("of the CLI", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
                Assert.Equal((3, "approve", false), ((await errors.Told)?.ExitCode, errors.ChangedFile, errors.IsLost));
            }
        }
    }

    [Fact]
    public async Task What_an_agent_finds_in_the_files_of_the_run_does_not_end_it()
    {
        using SshHost host = new();
        using FakeRun run = SshApprovalTests.Start(host, (_, _) => Task.FromResult(ApprovalDecision.Allow));
        string forged = host.File("forged");
        run.Options = run.Options with
        {
            CliPath = host.Program("amp", $"""
                case "$*" in *--version* | *--help*) ;; *) (while [ ! -e {forged} ]; do sleep 0.05; done; cat {forged} >&2; touch {forged}.done) </dev/null >/dev/null & ;; esac
                exec {RepositoryLayout.FakeCli} "$@"

                """),
        };
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        string program = FarProgram.Asker(run.Record);
        string[] markers = [.. Directory.GetFiles(Path.GetDirectoryName(program)!).Where(file => !IsPipe(file))
            .SelectMany(file => MarkerPattern().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct()];
        Assert.NotEmpty(markers);
        await File.AppendAllTextAsync(program, "exit 0\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(forged + ".new", string.Concat(markers.Select(marker => $"\n{marker} exit 0\n")), TestContext.Current.CancellationToken);
        File.Move(forged + ".new", forged);
        await FakeRun.WaitForAsync(() => File.Exists(forged + ".done"), "the forged line");
        await SshToolTests.GoAsync(run);
        (await running).Failed<AmpProcessException>(AmpErrorId.RulesBypassed);
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_yes_that_the_agent_gives_itself_is_noticed()
    {
        using SshHost host = new();
        SshApprovalTests.OpenQuestion question = new();
        using FakeRun run = SshApprovalTests.Start(host, question.DecideAsync);
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("started")).WaitFor(run.Mark("go")).Out(Call, Result).Result("done"));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        string program = FarProgram.Asker(run.Record);
        string folder = Path.GetDirectoryName(program)!;
        using FarProgram asker = FarProgram.Ask(program);
        await question.AskedAsync();
        string consent = (await File.ReadAllTextAsync(program, TestContext.Current.CancellationToken)).Split('\'').Where(word => word.Length == 64).Last();
        await File.WriteAllTextAsync(Path.Combine(folder, "to9999"), consent + "\n", TestContext.Current.CancellationToken);
        SshHost.Run("sh", "-c", "for f in \"$0\"/*.note; do echo 9999 1<>\"$f\"; done", folder);
        Assert.Equal(0, (await asker.AnswerAsync()).ExitCode);
        await question.GoneAsync();
        await SshToolTests.GoAsync(run);
        (await running).Failed<AmpProcessException>(AmpErrorId.RulesBypassed);
        await FakeRun.WaitForAsync(() => host.IsClean, "the end of the run on the host");
    }

    [Fact]
    public async Task An_end_that_takes_long_is_no_lost_connection()
    {
        using SshHost host = new(lines: ["ForceCommand PATH=$HOME/../slow:/usr/bin:/bin exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\""]);
        Directory.CreateDirectory(host.File("slow"));
        string mark = host.File("mark");

        // Longer than two signs of life.
        host.Program("slow/sha256sum", $"if [ -e {mark} ]; then rm {mark}; sleep 7.5; fi\nexec /usr/bin/sha256sum\n");
        using FakeRun run = SshToolTests.Start(host, every: 3, s_any);
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("started")).WaitFor(run.Mark("go")).Exit(3));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        await File.WriteAllTextAsync(mark, string.Empty, TestContext.Current.CancellationToken);
        await SshToolTests.GoAsync(run);
        Assert.Equal(3, (await running).Failed<AmpProcessException>(AmpErrorId.CliFailed).ExitCode);
        Assert.False(File.Exists(mark));
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task An_answer_that_is_taken_back_halfway_does_not_break_the_next()
    {
        using SshHost host = new();
        using SshToolTests.Hanging hanging = new();
        TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FakeRun run = SshToolTests.Start(host, hanging.Tool, SshToolTests.Tool("Small", _ => Task.FromResult(new ToolResult("small"))), SshToolTests.Tool("Large", _ =>
        {
            made.SetResult();
            return Task.FromResult(new ToolResult(new string('x', 6 * 1024 * 1024)));
        }));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        using FarProgram server = FarProgram.Server(run.Record);
        await server.InitializeAsync();

        // While the host does not read, only a part of the answer has room on the way.
        string owner = await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(host.Temporary)), "owner"), TestContext.Current.CancellationToken);
        int control = SshHost.Children(int.Parse(owner.Split(' ')[0], CultureInfo.InvariantCulture))[0];
        SshHost.Signal(control, "STOP");
        int large = server.Call("Large");
        await made.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        server.Tell("notifications/cancelled", $$"""{"requestId":{{large}}}""");
        server.Call("Hang");
        await hanging.StartedAsync(1);
        SshHost.Signal(control, "CONT");
        int small = server.Call("Small");
        int answered;
        do
        {
            answered = (int)(await server.ReadAsync())!["id"]!;
        }
        while (answered != small);

        await SshToolTests.GoAsync(run);
        (await running).Succeeded("done");
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task Programs_of_the_project_are_not_used()
    {
        using SshHost host = new();
        using FakeRun run = SshToolTests.Start(host, s_any);
        foreach (string name in (string[])["cat", "mkfifo", "rm"])
        {
            File.CreateSymbolicLink(Path.Combine(run.Project, name), host.Program("taken-" + name, $"touch {host.File("taken")}\nexec /usr/bin/{name} \"$@\"\n"));
        }

        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        using (FarProgram server = FarProgram.Server(run.Record, folder: run.Project))
        {
            await server.InitializeAsync();
            server.Call("Any");
            Assert.Equal("x", FarProgram.Text(await server.ReadAsync()));
        }

        await SshToolTests.GoAsync(run);
        (await running).Succeeded("done");
        Assert.False(File.Exists(host.File("taken")));
    }

    [Fact]
    public async Task A_program_whose_conversation_fails_here_ends()
    {
        using SshHost host = new();
        await using SshConnection connection = await SshConnection.OpenAsync(
            host.Transport,
            new CliLookup(RepositoryLayout.FakeCli, host.Home, new Dictionary<string, string>(), [], NeedsPrograms: true),
            TestContext.Current.CancellationToken);
        using RunFolder folder = connection.CreateFolder(host.Home);
        string program = folder.Relay!.Add("odd", connect => $"{connect}\ncat <&4\nexit 7", _ => throw new InvalidOperationException("It broke."));
        await using RunProcess process = await connection.StartAsync(
            new ProcessCommand(program, [], host.Home, new Dictionary<string, string>(), string.Empty), TestContext.Current.CancellationToken);
        Task output = process.Output.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        Task errors = process.Error.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        Assert.Equal(7, (await process.Exited.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken)).ExitCode);
        await errors;
        await output;
    }

    [Fact]
    public async Task A_program_that_was_killed_before_it_was_connected_leaves_nothing()
    {
        using SshHost host = new();
        using FakeRun run = SshToolTests.Start(host, s_any);
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        string folder = Assert.Single(Directory.GetDirectories(host.Temporary));
        SshHost.Run("sh", "-c", "mkfifo \"$0/77.up\" \"$0/77.down\" && echo '77 tools-sdk' >\"$0/calls\"", folder);
        await FakeRun.WaitForAsync(() => Directory.GetFiles(folder, "77*").Length == 0, "the end of the conversation");
        await SshToolTests.GoAsync(run);
        (await running).Succeeded("done");
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_host_whose_space_is_used_up_during_a_conversation_is_told()
    {
        using SshHost host = new();
        using FakeRun run = SshToolTests.Start(host, s_any);
        try
        {
            SshHost.Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", host.Temporary);
        }
        catch (InvalidOperationException)
        {
            Assert.Skip("Requires the right to mount (CAP_SYS_ADMIN).");
        }

        try
        {
            Task<RunOutcome> running = run.RunAsync();
            await run.MarkIsSetAsync("started");
            using FarProgram server = FarProgram.Server(run.Record);
            await server.InitializeAsync();
            // A file that is written again or removed makes space for the next one, so the space is used up again and again.
            Task calls = Task.Run(
                () =>
                {
                    try
                    {
                        while (!running.IsCompleted)
                        {
                            SshHost.Run("sh", "-c", "dd if=/dev/zero of=\"$0/fill$1\" bs=4k 2>/dev/null || :", host.Temporary, Guid.NewGuid().ToString("N"));
                            server.Call("Any", $$"""{"a":"{{new string('x', 100_000)}}"}""");
                        }
                    }
                    catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
                    {
                        // The program has ended with the run.
                    }
                },
                TestContext.Current.CancellationToken);
            (await running).Failed<AmpHostException>(AmpErrorId.HostShellMissing);
            await FakeRun.WaitForAsync(() => Directory.GetDirectories(host.Temporary).Length == 0, "the end of the run on the host");
            Assert.DoesNotContain(run.Processes(), ProcessProbe.IsRunning);
            await calls.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        }
        finally
        {
            SshHost.Run("umount", host.Temporary);
        }
    }

    private const string Call =
        """{"type":"assistant","message":{"type":"message","role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"cmd":"ls"}}],"stop_reason":"tool_use"},"parent_tool_use_id":null}""";

    private const string Result =
        """{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"done","is_error":false}]},"parent_tool_use_id":null}""";

    private static bool IsPipe(string file) => SshHost.Run("stat", "-c", "%F", file).Trim() == "fifo";

    [GeneratedRegex("amp-[0-9A-F]{24}")]
    private static partial Regex MarkerPattern();
}

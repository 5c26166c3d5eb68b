using System.Security.Cryptography;
using System.Text;
using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class InputStepTests
{
    [Fact]
    public async Task Read_takes_all_and_records_what_it_took()
    {
        string prompt = string.Concat(Enumerable.Repeat("größer 😀\n", 20_000));
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Read(), prompt);

        byte[] bytes = Encoding.UTF8.GetBytes(prompt);
        FakeCliInput input = fake.Record.StandardInput;
        Assert.Equal(bytes.Length, input.ByteCount);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), input.Sha256, ignoreCase: true);
        Assert.Equal(Convert.ToHexString(bytes[..64]), input.FirstBytes, ignoreCase: true);
        Assert.Equal(prompt, input.Text);
        Assert.True(input.ReachedEnd);
    }

    [Fact]
    public async Task Text_of_a_long_input_is_left_out()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Read(), new string('y', 5_000_000));

        Assert.Equal(5_000_000, fake.Record.StandardInput.ByteCount);
        Assert.Null(fake.Record.StandardInput.Text);
    }

    [Fact]
    public async Task The_end_of_input_is_recorded_while_the_process_lives_on()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Out("ready").Read().Hang());
        await fake.WaitForOutputAsync("ready");
        Assert.False(fake.Record.ReachedEndOfInput);

        fake.Input.Close();

        await FakeCliProcess.WaitUntilAsync(() => fake.Record.ReachedEndOfInput);
        Assert.False(fake.HasExited);
    }

    [Fact]
    public async Task A_script_that_reads_nothing_says_so()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Out("x"), "prompt");

        Assert.False(fake.Record.ReachedEndOfInput);
        Assert.Equal(0, fake.Record.StandardInput.ByteCount);
    }

    [Fact]
    public async Task Readline_waits_for_one_line()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().ReadLine().Out("one").ReadLine().Out("two").Hang());
        await fake.WriteAsync("a\n");
        await fake.WaitForOutputAsync("one");
        Assert.DoesNotContain("two", fake.Output, StringComparison.Ordinal);

        await fake.WriteAsync("b\n");

        await fake.WaitForOutputAsync("two");
    }

    [Fact]
    public async Task Until_reads_up_to_the_line_that_holds_the_text()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().ReadUntil("stop").Out("seen").Hang());
        await fake.WriteAsync("go\non\nplease stop now\n");

        await fake.WaitForOutputAsync("seen");
    }

    [Fact]
    public async Task Readbytes_leaves_the_rest_in_the_pipe()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().ReadBytes(100_000).Exit(0));
        await fake.WriteAsync(new string('z', 3_000_000));

        await fake.WaitForExitAsync();
        Assert.Equal(100_000, fake.Record.StandardInput.ByteCount);
        Assert.False(fake.Record.ReachedEndOfInput);
    }

    [Fact]
    public async Task Closestdin_breaks_the_pipe_of_the_writer()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "macOS does not tell which descriptors are duplicates.");
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().CloseStandardInput().Out("closed").Hang());
        await fake.WaitForOutputAsync("closed");

        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await fake.Input.WriteAsync("x");
            await fake.Input.FlushAsync(TestContext.Current.CancellationToken);
        });
        Assert.False(fake.HasExited);
    }

    [Fact]
    public async Task Without_a_script_a_run_answers_the_prompt()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript(), "say \"hi\"\n", "--execute", "--stream-json");

        Assert.Equal(4, fake.OutputLines.Length);
        Assert.Equal(
            ["system", "user", "assistant", "result"], fake.OutputLines.Select(line => line.Split('"')[3]));
        Assert.Contains("""Echo: say \"hi\"\n""", fake.OutputLines[3], StringComparison.Ordinal);
        Assert.Equal(0, fake.Record.ExitCode);
    }

    [Fact]
    public async Task Without_stream_json_only_the_answer_is_printed()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript(), "hi", "--execute");

        Assert.Equal("Echo: hi\n", fake.Output);
    }

    [Fact]
    public async Task A_prompt_on_the_command_line_is_answered_too()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript(), "", "-x", "hello", "--stream-json");

        Assert.Contains("Echo: hello", fake.OutputLines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turns_are_answered_one_by_one_with_one_result_at_the_end()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript(), "--execute", "--stream-json", "--stream-json-input");
        await fake.WriteAsync(FakeMessages.Input("first") + "\n");
        await fake.WaitForOutputAsync("Echo: first");
        await fake.WriteAsync("\n" + FakeMessages.Input("second") + "\n");
        await fake.WaitForOutputAsync("Echo: second");
        Assert.DoesNotContain("\"result\"", fake.Output, StringComparison.Ordinal);

        fake.Input.Close();

        Assert.Equal(0, await fake.WaitForExitAsync());
        await fake.WaitForEndOfOutputAsync();
        Assert.Equal(6, fake.OutputLines.Length);
        Assert.Contains("\"num_turns\":2", fake.OutputLines[5], StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_turn_can_be_answered_and_the_next_be_lost()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Init().Turn().Exit(9));
        await fake.WriteAsync(FakeMessages.Input("first") + "\n");

        Assert.Equal(9, await fake.WaitForExitAsync());
        await fake.WaitForEndOfOutputAsync();
        Assert.Equal(3, fake.OutputLines.Length);
    }

    [Fact]
    public async Task A_turn_that_is_no_JSON_ends_the_run_as_in_the_real_CLI()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Init().Turns().Exit(5), "not json\n");

        Assert.Equal(0, fake.Record.ExitCode);
        Assert.Equal(2, fake.OutputLines.Length);
        Assert.Contains("\"error\":\"Invalid JSON on stdin line 1:", fake.OutputLines[1], StringComparison.Ordinal);
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

public sealed class PromptTests
{
    [Theory]
    [InlineData("hello")]
    [InlineData("é€😀\r\n--version\t\"$(id)\" 'x'")]
    [InlineData(" \uFEFFstarts with a mark")]
    [InlineData("a\0b")]
    public async Task A_prompt_reaches_the_CLI_byte_for_byte_and_then_ends(string prompt)
    {
        using FakeRun run = new(new FakeCliScript().Init().Read().Result("done"));
        (await run.RunAsync(prompt)).Succeeded("done");

        FakeCliInput input = run.Record.StandardInput;
        byte[] expected = Encoding.UTF8.GetBytes(prompt);
        Assert.True(input.ReachedEnd);
        Assert.Equal(expected.Length, input.ByteCount);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(expected)).ToLowerInvariant(), input.Sha256);
        Assert.Equal(Convert.ToHexString(expected).ToLowerInvariant(), input.FirstBytes);
    }

    // The real CLIs cut a plain prompt off at 1 MiB, and damage characters at the seams of what a pipe delivers at once.
    [Theory]
    [InlineData('p', 64 * 1024, false)]
    [InlineData('p', (64 * 1024) + 1, true)]
    [InlineData('ä', 2048, false)]
    [InlineData('ä', 2049, true)]
    [InlineData('ä', 5 * 1024 * 1024 / 2, true)]
    public async Task A_long_prompt_goes_as_one_message_in_ASCII(char character, int length, bool isMessage)
    {
        string prompt = new(character, length);
        using FakeRun run = new(new FakeCliScript().Init().Read().Result("done"));
        (await run.RunAsync(prompt)).Succeeded("done");

        byte[] expected = isMessage
            ? Encoding.ASCII.GetBytes(
                """{"type":"user","message":{"role":"user","content":[{"type":"text","text":"TEXT"}]}}""".Replace(
                    "TEXT", JsonEncodedText.Encode(prompt).ToString(), StringComparison.Ordinal) + "\n")
            : Encoding.UTF8.GetBytes(prompt);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(expected)).ToLowerInvariant(), run.Record.StandardInput.Sha256);
        Assert.True(run.Record.ReachedEndOfInput);
        Assert.Equal(isMessage, run.Record.Arguments.Contains("--stream-json-input"));
    }

    [Fact]
    public async Task Half_a_surrogate_pair_becomes_a_replacement_character()
    {
        using FakeRun run = new(new FakeCliScript().Read().Result("done"));
        (await run.RunAsync("a\ud83d b")).Succeeded("done");
        Assert.Equal("a\ufffd b", run.Record.StandardInput.Text);
    }

    [Fact]
    public async Task A_CLI_that_writes_5_MB_before_it_reads_gets_a_prompt_of_5_MB()
    {
        string prompt = new('p', 5 * 1024 * 1024);
        using FakeRun run = new(new FakeCliScript().Init().Line(5 * 1024 * 1024).Read().Result("done"));
        RunOutcome outcome = await run.RunAsync(prompt);
        outcome.Succeeded("done");
        Assert.Equal(5 * 1024 * 1024, outcome.Messages.OfType<AssistantMessage>().Single().Text.Length);
        Assert.InRange(run.Record.StandardInput.ByteCount, prompt.Length, prompt.Length + 200);
    }

    [Fact]
    public async Task A_CLI_that_ends_without_reading_is_judged_by_its_result()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        (await run.RunAsync(new string('p', 5 * 1024 * 1024))).Succeeded("done");
    }

    [Fact]
    public async Task A_CLI_that_stops_reading_half_way_is_judged_by_its_result()
    {
        using FakeRun run = new(new FakeCliScript().ReadBytes(1000).CloseStandardInput().Init().Result("done"));
        (await run.RunAsync(new string('p', 5 * 1024 * 1024))).Succeeded("done");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData(null)]
    public async Task An_empty_prompt_is_refused_before_anything_is_started(string? prompt)
    {
        using FakeRun run = new(new FakeCliScript());
        AmpValidationException error = (await run.RunAsync(prompt!)).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Equal("Prompt", error.OptionName);
        Assert.False(Directory.Exists(run.Log));
    }
}

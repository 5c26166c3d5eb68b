using System.Security.Cryptography;
using System.Text;
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

    [Fact]
    public async Task A_prompt_of_5_MB_arrives_whole()
    {
        string prompt = string.Concat(Enumerable.Repeat("5 MB of ä\n", 5 * 1024 * 1024 / 11));
        using FakeRun run = new(new FakeCliScript().Init().Read().Result("done"));
        (await run.RunAsync(prompt)).Succeeded("done");
        Assert.Equal(
            Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(prompt))).ToLowerInvariant(), run.Record.StandardInput.Sha256);
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
        Assert.Equal(prompt.Length, run.Record.StandardInput.ByteCount);
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

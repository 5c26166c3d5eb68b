using System.Text;
using System.Text.Json;
using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class OutputStepTests
{
    [Fact]
    public async Task Out_and_err_write_one_line_each_with_a_bare_line_feed()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript().Out("""{"type":"x"}""").Out("  ä ").Error("oops"));

        Assert.Equal("{\"type\":\"x\"}\n  ä \n", fake.Output);
        Assert.Equal("oops\n", fake.Error);
    }

    [Fact]
    public async Task Raw_writes_what_it_was_given_and_nothing_more()
    {
        const string Text = "a\r\n\t\\n\u001b[0m{ü";
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Raw(Text).ErrorRaw(Text));

        Assert.Equal(Text, fake.Output);
        Assert.Equal(Text, fake.Error);
    }

    [Fact]
    public async Task Bytes_can_be_half_a_character()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript().Bytes(0xE2).Sleep(20).Bytes(0x82, 0xAC));

        Assert.Equal([0xE2, 0x82, 0xAC], fake.OutputBytes);
    }

    [Fact]
    public async Task Every_step_is_seen_at_once()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Raw("no line end").Hang());

        await fake.WaitForOutputAsync("no line end");
        Assert.False(fake.HasExited);
    }

    [Fact]
    public async Task Fill_writes_to_both_streams()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Fill(200_000).ErrorFill(5_000_000));

        Assert.Equal(new string('x', 200_000), fake.Output);
        Assert.Equal(5_000_000, fake.Error.Length);
    }

    [Fact]
    public async Task Line_is_a_valid_message_with_a_text_of_that_size()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Line(3_000_000));

        using JsonDocument message = JsonDocument.Parse(Assert.Single(fake.OutputLines));
        string? text = message.RootElement.GetProperty("message").GetProperty("content")[0].GetProperty("text").GetString();
        Assert.Equal(new string('x', 3_000_000), text);
    }

    [Fact]
    public async Task File_copies_every_byte()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "bytes");
        byte[] bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().File(path));

        Assert.Equal(bytes, fake.OutputBytes);
    }

    [Fact]
    public async Task Transcript_writes_the_recorded_lines()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Transcript("tool-bash", delayMilliseconds: 1));

        string path = Path.Combine(RepositoryLayout.Transcripts, "tool-bash.jsonl");
        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), fake.Output);
    }

    [Fact]
    public async Task Repeat_does_one_step_or_several()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript().Repeat(3, steps => steps.Raw("a")).Repeat(2, steps => steps.Raw("b").Raw("c")));

        Assert.Equal("aaabcbc", fake.Output);
    }

    [Fact]
    public async Task Variables_stand_for_the_thread_the_process_and_the_folder()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript().Session("T-1").Out("${SESSION} ${PID} ${CWD}"));

        Assert.Equal($"T-1 {fake.Id} {fake.Record.WorkingDirectory}\n", fake.Output);
    }

    [Fact]
    public async Task Messages_have_the_shape_of_a_recorded_run()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript()
            .Init().Assistant("hi").Result("hi").ErrorResult("broken")
            .Out(FakeMessages.Init(), FakeMessages.User("q"), FakeMessages.Assistant("a"), FakeMessages.Result("r")));

        string[] recorded = await File.ReadAllLinesAsync(
            Path.Combine(RepositoryLayout.Transcripts, "text.jsonl"), TestContext.Current.CancellationToken);
        string[] lines = fake.OutputLines;
        Assert.Equal(Shape(recorded[0]), Shape(lines[0]));
        Assert.Equal(Shape(recorded[2]), Shape(lines[1]));
        Assert.Equal(Shape(recorded[3]), Shape(lines[2]));
        Assert.Contains("\"error\":\"broken\"", lines[3], StringComparison.Ordinal);
        Assert.Equal(recorded.Select(Shape), lines[4..].Select(Shape));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_closed_stream_ends_while_the_process_lives_on(bool isOutput)
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "macOS does not tell which descriptors are duplicates.");
        FakeCliScript script = new();
        _ = isOutput ? script.CloseStandardOutput() : script.CloseStandardError();
        using FakeCliProcess fake = FakeCliProcess.Start(script.SpawnChild("quiet").Out("late").Error("late").Hang());

        await (isOutput ? fake.WaitForEndOfStandardOutputAsync() : fake.WaitForEndOfStandardErrorAsync());

        await FakeCliProcess.WaitUntilAsync(() => (isOutput ? fake.Error : fake.Output) == "late\n");
        Assert.False(fake.HasExited);
    }

    // Names and kinds of all values, whatever the values are.
    private static string Shape(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        StringBuilder shape = new();
        Describe(document.RootElement, shape);
        return shape.ToString();
    }

    private static void Describe(JsonElement element, StringBuilder shape)
    {
        shape.Append(element.ValueKind);
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                shape.Append(' ').Append(property.Name).Append(':');
                Describe(property.Value, shape);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0)
        {
            Describe(element[0], shape);
        }
    }
}

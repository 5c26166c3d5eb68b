using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class FakeCliScriptTests
{
    [Fact]
    public void Steps_are_lines()
    {
        FakeCliScript script = new FakeCliScript()
            .Out("a b").Raw("x\ny\\").Bytes(0xE2, 0x82).SpawnChild("setsid", "server").IgnoreSignals("TERM", "INT")
            .OnSignal("HUP", steps => steps.Error("hup").Exit(2)).Repeat(5, steps => steps.Line(10)).Exit(3);

        Assert.Equal(
            """
            out a b
            raw x\ny\\
            bytes E282
            spawn setsid server
            ignore TERM,INT
            onsignal HUP err hup
            onsignal HUP exit 2
            repeat 5 line 10
            exit 3

            """.ReplaceLineEndings("\n"),
            script.Text);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\r")]
    public void A_line_with_a_line_end_is_refused(string line) =>
        Assert.Throws<ArgumentException>(() => new FakeCliScript().Out(line));

    [Fact]
    public void Variables_name_the_script_and_the_log()
    {
        using PrivateHome home = new();
        FakeCliScript script = new FakeCliScript().Exit(1).Version("1").Reject("--a", "--b").HangOn("help");

        Dictionary<string, string?> variables = script.WriteTo(Path.Combine(home.Root, "scripts")).Environment("/log");

        Assert.Equal(script.Path, variables["AMP_FAKE_SCRIPT"]);
        Assert.Equal("exit 1\n", File.ReadAllText(script.Path!));
        Assert.Equal("/log", variables["AMP_FAKE_LOG"]);
        Assert.Equal("1", variables["AMP_FAKE_VERSION"]);
        Assert.Equal("--a,--b", variables["AMP_FAKE_REJECT"]);
        Assert.Equal("help", variables["AMP_FAKE_HANG"]);
    }

    [Fact]
    public void Without_steps_there_is_no_script()
    {
        using PrivateHome home = new();

        Assert.Null(new FakeCliScript().Environment(home.Root)["AMP_FAKE_SCRIPT"]);
        Assert.Empty(Directory.GetFiles(home.Root));
    }
}

using Amp.Cli;
using Amp.Testing;

namespace Amp.Sdk.Tests.Cli;

public sealed class ProbeCacheTests : IDisposable
{
    private readonly PrivateHome _home = new();
    private readonly CliFingerprint _cli;

    public ProbeCacheTests() => _cli = new CliFingerprint("/opt/amp", 1234, 638_000_000_000_000_000, Path.Combine(_home.Root, "cache", "amp"));

    private string CacheFile => Assert.Single(Directory.GetFiles(_cli.CacheFolder!));

    [Fact]
    public void What_was_written_is_read()
    {
        Assert.Null(CliProbeCache.Read(_cli));
        CliProbeAnswer answer = new("0.0.1-gabc\n", "help \"with\" ünïcode\n");
        CliProbeCache.Write(_cli, answer);
        Assert.Equal(answer, CliProbeCache.Read(_cli));
        CliProbeAnswer next = answer with { Help = "new" };
        CliProbeCache.Write(_cli, next);
        Assert.Equal(next, CliProbeCache.Read(_cli));
        Assert.NotNull(CacheFile);
    }

    [Fact]
    public void The_help_of_a_command_is_kept_beside_it()
    {
        CliProbeCache.Write(_cli, new CliProbeAnswer("v", "h"));
        Assert.Null(CliProbeCache.ReadHelp(_cli, "threads list"));
        CliProbeCache.WriteHelp(_cli, "threads list", "--json");
        Assert.Equal("--json", CliProbeCache.ReadHelp(_cli, "threads list"));
        Assert.Null(CliProbeCache.ReadHelp(_cli, "threads"));
        Assert.Null(CliProbeCache.ReadHelp(_cli with { Length = 1235 }, "threads list"));
        Assert.Equal(new CliProbeAnswer("v", "h"), CliProbeCache.Read(_cli));
    }

    [Fact]
    public void An_answer_of_another_state_of_the_file_is_none()
    {
        CliProbeCache.Write(_cli, new CliProbeAnswer("v", "h"));
        Assert.Null(CliProbeCache.Read(_cli with { Length = 1235 }));
        Assert.Null(CliProbeCache.Read(_cli with { ModifiedTicks = _cli.ModifiedTicks + 1 }));
        Assert.Null(CliProbeCache.Read(_cli with { Path = "/opt/other" }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"path":"/opt/amp","length":1234}""")]
    [InlineData("""{"path":"/opt/amp","length":1234,"modified":638000000000000000,"version":5,"help":null}""")]
    [InlineData("""{"path":"/opt/other","length":1234,"modified":638000000000000000,"version":"v","help":"h"}""")]
    [InlineData("""{"path":"/opt/amp","length":"1234","modified":638000000000000000,"version":"v","help":"h"}""")]
    public void A_damaged_answer_is_none(string content)
    {
        CliProbeCache.Write(_cli, new CliProbeAnswer("v", "h"));
        File.WriteAllText(CacheFile, content);
        Assert.Null(CliProbeCache.Read(_cli));
        CliProbeCache.Write(_cli, new CliProbeAnswer("v", "h"));
        Assert.NotNull(CliProbeCache.Read(_cli));
    }

    [Fact]
    public void A_huge_file_is_not_read()
    {
        CliProbeCache.Write(_cli, new CliProbeAnswer("v", new string('h', 5 * 1024 * 1024)));
        Assert.Null(CliProbeCache.Read(_cli));
    }

    [Fact]
    public void The_folder_is_for_the_user_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix modes.");
            return;
        }

        CliProbeCache.Write(_cli, new CliProbeAnswer("v", "h"));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_cli.CacheFolder!));
    }

    [Fact]
    public void A_place_that_cannot_be_written_to_is_no_error()
    {
        File.WriteAllText(Path.Combine(_home.Root, "cache"), "a file where a folder should be");
        CliProbeCache.Write(_cli, new CliProbeAnswer("v", "h"));
        Assert.Null(CliProbeCache.Read(_cli));
        CliFingerprint nowhere = _cli with { CacheFolder = null };
        CliProbeCache.Write(nowhere, new CliProbeAnswer("v", "h"));
        Assert.Null(CliProbeCache.Read(nowhere));
    }

    [Theory]
    [InlineData("/c", "/h", "/c/amp-sdk-dotnet")]
    [InlineData("", "/h", "/h/.cache/amp-sdk-dotnet")]
    [InlineData("relative", "/h", null)]
    [InlineData("", "", null)]
    public void The_folder_is_the_users_place_for_such_things(string cache, string home, string? expected)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Each system has its own place.");
        }

        string file = Path.Combine(_home.Root, "amp");
        File.WriteAllText(file, "12345");
        CliFingerprint fingerprint = CliFingerprint.Of(
            new CliProgram(file, file, null, CliForm.Native, CliSource.Explicit),
            new Dictionary<string, string> { ["XDG_CACHE_HOME"] = cache, ["HOME"] = home });
        Assert.Equal((expected, file, 5), (fingerprint.CacheFolder, fingerprint.Path, fingerprint.Length));
    }

    [Fact]
    public void A_link_changes_with_the_file_that_it_leads_to()
    {
        string file = Path.Combine(_home.Root, "amp-1");
        File.WriteAllText(file, "12345");
        string link = Path.Combine(_home.Root, "amp");
        File.CreateSymbolicLink(link, file);
        CliProgram program = new(link, link, null, CliForm.Native, CliSource.Explicit);
        CliFingerprint first = CliFingerprint.Of(program, new Dictionary<string, string>());
        File.WriteAllText(file, "123456");
        Assert.Equal((5, 6), (first.Length, CliFingerprint.Of(program, new Dictionary<string, string>()).Length));
    }

    public void Dispose() => _home.Dispose();
}

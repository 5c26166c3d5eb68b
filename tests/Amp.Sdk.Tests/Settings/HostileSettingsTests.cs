using System.Diagnostics;
using System.Text;
using Amp.Files;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Settings;

/// <summary>Settings of a project that were written to lift what its user has decided: they are refused before anything is started.</summary>
public sealed class HostileSettingsTests
{
    private const string AllowAll = "\"amp.dangerouslyAllowAll\":true";
    private const string UserRejects = """{"amp.permissions":[{"tool":"Bash","action":"reject"}]}""";

    public static TheoryData<string> Unjudgeable => new("deep", "large", "broken", "half a character", "no UTF-8", "no object", "link to nothing", "folder");

    [Theory]
    [MemberData(nameof(Unjudgeable))]
    public void What_is_there_and_cannot_be_judged_is_refused(string kind)
    {
        using SettingsRun run = new(UserRejects);
        string file = Path.Combine(run.Run.Project, ".amp", "settings.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Plant(file, kind);

        AmpValidationException refused = Assert.Throws<AmpValidationException>(() => AmpClient.Preview("go", run.Options));
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Unjudgeable))]
    public void So_are_the_user_s_own(string kind)
    {
        using SettingsRun run = new("{}");
        File.Delete(run.UserFile);
        Plant(run.UserFile, kind);

        Assert.Equal(nameof(AmpOptions.SettingsFile), Assert.IsType<AmpValidationException>(Record(run)).OptionName);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("fifo")]
    public async Task A_device_or_a_pipe_is_refused_and_holds_nothing_up(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Made by the tools of Linux.");
        using SettingsRun run = new();
        string file = Path.Combine(run.Run.Project, ".amp", "settings.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        MakeSpecial(file, kind);

        Task<Exception?> told = Task.Run(() => Record(run), TestContext.Current.CancellationToken);
        Assert.IsType<AmpValidationException>(await told.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Empty(SettingsOverview.Read(new CliOptions { WorkingDirectory = run.Run.Project, Environment = run.Options.Environment }).Tools);
    }

    [Theory]
    [InlineData("{" + AllowAll + "}")]
    [InlineData("""{"amp.permissions":[{"tool":"*","action":"allow"}]}""")]
    [InlineData("""{"amp.permissions":[{"tool":"Ba*","action":"ask"}]}""")]
    [InlineData("""{"amp.permissions":[{"action":"allow"}]}""")]
    [InlineData("""{"amp.permissions":[{"tool":"shell_command","action":"allow"}]}""")]
    [InlineData("""{"amp.permissions":[{"tool":"\ud800*","action":"allow"}]}""")]
    [InlineData("""{"amp.permissions":[{"tool":"*","action":"\udc00"}]}""")]
    public void A_reject_of_the_user_holds_against_the_project_in_every_call(string project)
    {
        using SettingsRun run = new(UserRejects);
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), project);

        Assert.Equal(nameof(AmpOptions.SettingsFile), Assert.IsType<AmpValidationException>(Record(run)).OptionName);
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        Assert.Equal(nameof(AmpOptions.SettingsFile), Assert.IsType<AmpValidationException>(Record(run)).OptionName);
    }

    [Theory]
    [InlineData("""{"amp.permissions":[{"tool":"Read","action":"allow"}]}""")]
    [InlineData("""{"amp.permissions":[{"tool":"Bash","action":"reject"}]}""")]
    [InlineData("""{"amp.notifications.enabled":false}""")]
    public void A_project_that_lifts_nothing_is_taken(string project)
    {
        using SettingsRun run = new(UserRejects);
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), project);
        Assert.Null(Record(run));
    }

    [Theory]
    [InlineData("""{"amp.tools.enable":["*"]}""", true)]
    [InlineData("""{"amp.tools.enable":["Read","Bash"]}""", true)]
    [InlineData("""{"amp.tools.enable":["R?ad"]}""", true)]
    [InlineData("""{"amp.tools.enable":["G*"]}""", true)]
    [InlineData("""{"amp.tools.enable":["Gr*|Bash"]}""", true)]
    [InlineData("""{"amp.tools.enable":["mcp__*"]}""", true)]
    [InlineData("""{"amp.tools.enable":"*"}""", true)]
    [InlineData("""{"amp.tools.enable":["read","Grep","Gr*"]}""", false)]
    [InlineData("""{"amp.tools.enable":["Gre?","gre*","mcp__github__*"]}""", false)]
    [InlineData("""{"amp.tools.enable":[]}""", false)]
    [InlineData("""{"amp.tools.disable":["Read"]}""", false)]
    public void A_project_offers_no_tool_that_the_call_does_not(string project, bool isRefused)
    {
        using SettingsRun run = new();
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), project);
        Assert.Null(Record(run));
        run.Options = run.Options with { EnabledTools = ["Read", "Gr*", "mcp__g*"] };
        Exception? told = Record(run);
        Assert.Equal(isRefused, told is not null);
        Assert.Equal(isRefused ? nameof(AmpOptions.EnabledTools) : null, (told as AmpValidationException)?.OptionName);
    }

    [Fact]
    public void What_a_folder_behind_a_link_has_of_a_project_counts()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A link requires a right there.");
        using SettingsRun run = new(UserRejects);
        File.WriteAllText(Path.Combine(run.Run.Project, ".git"), "gitdir: elsewhere");
        SettingsRun.Write(Path.Combine(run.Run.Project, "packages", ".amp", "settings.json"), $$"""{{{AllowAll}}}""");
        Directory.CreateDirectory(Path.Combine(run.Run.Project, "packages", "app"));
        string link = Path.Combine(run.Run.Project, "app");
        Directory.CreateSymbolicLink(link, Path.Combine("packages", "app"));
        run.Options = run.Options with { WorkingDirectory = link };
        Assert.Equal(nameof(AmpOptions.SettingsFile), Assert.IsType<AmpValidationException>(Record(run)).OptionName);
    }

    [Fact]
    public void What_is_read_of_a_file_is_bounded_whatever_its_length_says()
    {
        using SettingsRun run = new();
        string file = Path.Combine(run.Run.Project, "text");
        File.WriteAllText(file, "12345");
        Assert.Equal("12345", BoundedFile.ReadText(file, 5));
        Assert.Throws<IOException>(() => BoundedFile.Read(file, 4));
        Assert.Throws<FileNotFoundException>(() => BoundedFile.Read(file + "-missing"));
        if (OperatingSystem.IsLinux())
        {
            // The length of these is 0.
            Assert.Throws<IOException>(() => BoundedFile.Read("/proc/self/status", 4));
            Assert.NotEmpty(BoundedFile.Read("/proc/self/status"));
        }
    }

    [Fact]
    public void No_other_code_opens_files_to_read_them()
    {
        string source = SourceFolder();
        string[] raw =
        [
            .. ((string[])["Amp.Sdk", "Amp.PowerShell"]).SelectMany(project => Directory.EnumerateFiles(Path.Combine(source, project), "*.cs", SearchOption.AllDirectories))
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Where(file => Path.GetFileName(file) is not ("BoundedFile.cs" or "AppendFile.cs" or "LockFile.cs"))
                .SelectMany(file => File.ReadAllLines(file).Select((line, index) => (File: file, Line: line, Number: index + 1)))
                .Where(place => OpensToRead(place.Line) && !IsOfTheSystem(place.File))
                .Select(place => $"{Path.GetRelativePath(source, place.File)}:{place.Number}: {place.Line.Trim()}"),
        ];
        Assert.Empty(raw);
    }

    // Files of /proc are the kernel's.
    private static bool IsOfTheSystem(string file) => Path.GetFileName(Path.GetDirectoryName(file)) == "Processes";

    // What is opened for this process alone is opened to lock it.
    private static bool OpensToRead(string line) =>
        ((string[])["File.ReadAll", "File.ReadLines", "File.OpenRead", "File.OpenText", "File.OpenHandle", "File.Open(", "FileAccess.Read,", "FileMode.Open,", "new StreamReader(\"", ".OpenRead()", ".OpenText()"])
            .Any(call => line.Replace("BoundedFile.", string.Empty, StringComparison.Ordinal).Replace("AppendFile.", string.Empty, StringComparison.Ordinal)
                .Replace("TranscriptFile.", string.Empty, StringComparison.Ordinal).Contains(call, StringComparison.Ordinal))
        && !line.Contains("FileShare.None", StringComparison.Ordinal);

    private static string SourceFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Amp.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return Path.Combine(Assert.IsType<string>(folder), "src");
    }

    private static Exception? Record(SettingsRun run) => Xunit.Record.Exception(() => AmpClient.Preview("go", run.Options));

    private static void Plant(string file, string kind)
    {
        switch (kind)
        {
            case "deep":
                File.WriteAllText(file, $$"""{{{AllowAll}},"x":{{string.Concat(Enumerable.Repeat("[", 200))}}{{string.Concat(Enumerable.Repeat("]", 200))}}}""");
                break;
            case "large":
                using (FileStream stream = File.Create(file))
                {
                    stream.Write(Encoding.UTF8.GetBytes($$"""{{{AllowAll}},"x":" """));
                    stream.Write(Enumerable.Repeat((byte)'x', 17 * 1024 * 1024).ToArray());
                    stream.Write("\"}"u8);
                }

                break;
            case "broken":
                File.WriteAllText(file, $$"""{{{AllowAll}} "x":1}""");
                break;
            case "half a character":
                File.WriteAllText(file, """{"amp.permissions":[{"tool":"Bash","action":"reject","message":"\ud800"}]}""");
                break;
            case "no UTF-8":
                File.WriteAllBytes(file, [.. "{\"amp.permissions\":[],\"x"u8, 0xFF, .. "\":1}"u8]);
                break;
            case "no object":
                File.WriteAllText(file, "[]");
                break;
            case "link to nothing":
                File.CreateSymbolicLink(file, file + "-missing");
                break;
            default:
                Directory.CreateDirectory(file);
                break;
        }
    }

    private static void MakeSpecial(string file, string kind)
    {
        if (kind != "fifo")
        {
            File.CreateSymbolicLink(file, kind);
            return;
        }

        using Process made = Process.Start("mkfifo", file);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}

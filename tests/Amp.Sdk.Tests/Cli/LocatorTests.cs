using Amp.Cli;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Cli;

public sealed class LocatorTests
{
    [Fact]
    public void A_given_path_wins_over_everything()
    {
        using CliFolder folder = new();
        folder.File("bin/amp");
        folder.Environment["AMP_CLI_PATH"] = folder.File("variable/amp");
        string given = folder.File("given/my-amp");
        CliProgram program = folder.Find(given);
        Assert.Equal((given, given, null, CliForm.Native, CliSource.Explicit), (program.Path, program.FileName, program.Script, program.Form, program.Source));
    }

    [Fact]
    public void A_given_relative_path_is_below_the_current_directory()
    {
        using CliFolder folder = new();
        string amp = folder.File("project/tools/amp");
        Assert.Equal(amp, folder.Find(Path.GetRelativePath(Environment.CurrentDirectory, amp)).Path);
        Assert.Throws<AmpCliNotFoundException>(() => folder.Find("tools/amp"));
    }

    [Fact]
    public void The_variable_wins_over_the_search_path()
    {
        using CliFolder folder = new();
        folder.File("bin/amp");
        string named = folder.Environment["AMP_CLI_PATH"] = folder.File("variable/amp");
        CliProgram program = folder.Find();
        Assert.Equal((named, CliSource.EnvironmentVariable), (program.Path, program.Source));
    }

    [Theory]
    [InlineData("amp")]
    [InlineData("./amp")]
    [InlineData("../bin/amp")]
    public void The_variable_has_to_be_a_full_path(string value)
    {
        using CliFolder folder = new();
        folder.File("bin/amp");
        folder.File("project/amp");
        folder.Environment["AMP_CLI_PATH"] = value;
        Assert.Contains("AMP_CLI_PATH", folder.FindNothing().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_leads_nowhere_is_an_error_and_not_passed_over()
    {
        using CliFolder folder = new();
        folder.File("bin/amp");
        string missing = folder.Environment["AMP_CLI_PATH"] = folder.PathOf("missing/amp");
        AmpCliNotFoundException error = folder.FindNothing();
        Assert.Equal(missing, error.Path);
        Assert.Contains("AMP_CLI_PATH", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_variable_is_none()
    {
        using CliFolder folder = new();
        string amp = folder.File("bin/amp");
        folder.Environment["AMP_CLI_PATH"] = string.Empty;
        Assert.Equal(amp, folder.Find().Path);
    }

    [Fact]
    public void A_folder_of_the_search_path_that_cannot_be_read_is_passed_over()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Folders have no such modes on Windows.");
            return;
        }

        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root can read everything.");
        using CliFolder folder = new();
        folder.File("closed/amp");
        string open = folder.File("open/amp");
        folder.Environment["PATH"] = $"{folder.PathOf("closed")}:{folder.PathOf("open")}";
        File.SetUnixFileMode(folder.PathOf("closed"), UnixFileMode.None);
        try
        {
            Assert.Equal(open, folder.Find().Path);
        }
        finally
        {
            File.SetUnixFileMode(folder.PathOf("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void The_first_folder_of_the_search_path_wins()
    {
        using CliFolder folder = new();
        folder.File("second/amp");
        string first = folder.File("first/amp");
        folder.Environment["PATH"] = $"{folder.PathOf("none")}:{folder.PathOf("first")}/:{folder.PathOf("second")}";
        CliProgram program = folder.Find();
        Assert.Equal((first, CliSource.SearchPath), (program.Path, program.Source));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("./")]
    [InlineData("tools")]
    [InlineData("../project")]
    [InlineData("{project}")]
    [InlineData("{project}/")]
    [InlineData("{project}/tools/..")]
    [InlineData("{project}//.")]
    public void An_entry_that_means_the_project_is_passed_over(string entry)
    {
        using CliFolder folder = new();
        folder.File("project/amp");
        folder.File("project/tools/amp");
        string good = folder.File("bin/amp");
        folder.Environment["PATH"] = $"{entry.Replace("{project}", folder.Project, StringComparison.Ordinal)}:{folder.PathOf("bin")}";
        Assert.Equal(good, folder.Find().Path);
    }

    [Fact]
    public void A_folder_of_the_search_path_is_the_one_that_the_system_takes_it_for()
    {
        using CliFolder folder = new();
        folder.File("project/bin/amp");
        folder.File("tools/bin/amp");
        string own = folder.File("own/amp");
        folder.File("project/deep/text");
        folder.Link("tools/link", "../project/deep");

        // .NET takes it for tools/bin; the system would start project/bin/amp.
        folder.Environment["PATH"] = $"{folder.PathOf("tools")}/link/../bin:{folder.PathOf("own")}";
        Assert.Equal(own, folder.Find().Path);

        folder.Link("other", "tools/bin");
        folder.Environment["PATH"] = $"{folder.PathOf("other")}/../bin";
        Assert.Equal(folder.PathOf("tools/bin/amp"), folder.Find().Path);
    }

    [Theory]
    [InlineData("project/node_modules/.bin")]
    [InlineData("project/a/b/node_modules/.bin")]
    [InlineData("project/tools")]
    [InlineData("project")]
    [InlineData("alias")]
    [InlineData("alias/node_modules/.bin")]
    public void Nothing_below_the_project_is_taken_from_the_search_path(string entry)
    {
        using CliFolder folder = new();
        folder.Link("alias", folder.Project);
        folder.File("project/.git");
        folder.File("project/a/b/c/x");
        foreach (string name in (string[])["amp", "node", "npm"])
        {
            folder.File($"{entry}/{name}");
            folder.File($"bin/{name}");
        }

        folder.Environment["PATH"] = $"{folder.PathOf(entry)}:{folder.PathOf("bin")}";
        foreach (string workingDirectory in (string[])[folder.Project, folder.PathOf("project/a/b/c")])
        {
            CliLocator locator = new(folder.Environment, workingDirectory);
            Assert.Equal(folder.PathOf("bin/amp"), locator.Find(null).Path);
            Assert.Equal((folder.PathOf("bin/node"), folder.PathOf("bin/npm")), (locator.FindOnPath("node"), locator.FindOnPath("npm")));
            Assert.Equal(folder.PathOf($"{entry}/amp"), locator.Find(folder.PathOf($"{entry}/amp")).Path);
        }
    }

    [Theory]
    [InlineData("home")]
    [InlineData("home/.local")]
    [InlineData("")]
    public void The_user_s_home_is_not_a_project(string workingDirectory)
    {
        using CliFolder folder = new();
        folder.File("home/.git");
        folder.File("home/node_modules/.bin/amp");
        string own = folder.File("home/tools/amp");
        Directory.CreateDirectory(folder.PathOf("home/.local"));
        folder.Environment["PATH"] = $"{folder.PathOf("home/node_modules/.bin")}:{folder.PathOf("home/tools")}";

        Assert.Equal(own, new CliLocator(folder.Environment, folder.PathOf(workingDirectory)).Find(null).Path);
    }

    /// <summary>Tasks and services start in a folder of Windows, which has the SSH client in a folder below.</summary>
    [Fact]
    public void The_folder_of_Windows_is_not_a_project()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Other systems have no such folder.");
        string system = Environment.GetFolderPath(Environment.SpecialFolder.System);
        ProjectFolder project = new(system, new Dictionary<string, string>());
        Assert.False(project.Holds(Path.Combine(system, "OpenSSH")));
        Assert.True(project.Holds(system));
        Assert.True(project.Holds(Path.Combine(system, "node_modules", ".bin")));
    }

    [Fact]
    public void A_link_to_the_project_means_the_project_too()
    {
        using CliFolder folder = new();
        folder.File("project/amp");
        folder.Link("alias", folder.Project);
        string good = folder.File("bin/amp");
        folder.Environment["PATH"] = $"{folder.PathOf("alias")}:{folder.PathOf("bin")}";
        Assert.Equal(good, folder.Find().Path);
    }

    [Fact]
    public void What_cannot_be_started_is_passed_over_on_the_search_path()
    {
        using CliFolder folder = new();
        folder.File("a/amp", isExecutable: false);
        Directory.CreateDirectory(folder.PathOf("b/amp"));
        folder.Link("c/amp", folder.PathOf("nowhere"));
        folder.Link("d/amp", folder.File("a/other", isExecutable: false));
        string good = folder.File("e/amp");
        folder.Environment["PATH"] = string.Join(':', "abcde".Select(name => folder.PathOf($"{name}")));
        Assert.Equal(good, folder.Find().Path);
    }

    [Theory]
    [InlineData("home/.amp/bin/amp")]
    [InlineData("home/.local/bin/amp")]
    public void The_folders_of_installers_are_looked_in_last(string place)
    {
        using CliFolder folder = new();
        string installed = folder.File(place);
        CliProgram program = folder.Find();
        Assert.Equal((installed, CliSource.HomeFolder), (program.Path, program.Source));
        string onPath = folder.File("bin/amp");
        Assert.Equal(onPath, folder.Find().Path);
    }

    [Fact]
    public void Where_there_is_none_the_error_says_where_it_was_looked_for()
    {
        using CliFolder folder = new();
        AmpCliNotFoundException error = folder.FindNothing();
        Assert.Null(error.Path);
        Assert.Contains(folder.PathOf("bin"), error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.PathOf("home/.amp/bin"), error.Message, StringComparison.Ordinal);
        Assert.Contains("npm install -g @ampcode/cli", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_home_and_a_search_path_there_is_none()
    {
        using CliFolder folder = new();
        folder.Environment.Clear();
        folder.FindNothing();
    }

    [Fact]
    public void A_folder_is_no_CLI()
    {
        using CliFolder folder = new();
        Assert.Contains("is a folder", folder.FindNothing(folder.Project).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_may_not_be_executed_says_how_to_change_that()
    {
        using CliFolder folder = new();
        string file = folder.File("given/amp", isExecutable: false);
        Assert.Contains($"chmod +x '{file}'", folder.FindNothing(file).RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_no_CLI()
    {
        using CliFolder folder = new();
        string link = folder.Link("given/amp", folder.PathOf("nowhere"));
        Assert.Equal(link, folder.FindNothing(link).Path);
    }

    [Fact]
    public void Links_in_a_circle_are_no_CLI()
    {
        using CliFolder folder = new();
        folder.Link("given/amp", folder.PathOf("given/other"));
        string link = folder.Link("given/other", folder.PathOf("given/amp"));
        folder.FindNothing(link);
    }
}

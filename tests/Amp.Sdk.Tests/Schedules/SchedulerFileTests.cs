using System.Runtime.Versioning;
using System.Text;
using System.Xml.Linq;
using System.Xml.Schema;
using System.Xml;
using Amp.Schedules;
using Amp.Testing;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>What every scheduler is given, on every system, checked by the scheduler's own checker, or by its documented schema.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SchedulerFileTests
{
    private static readonly string s_schemas = Path.Combine(RepositoryLayout.Root, "tests", "Amp.Sdk.Tests", "Schedules");

    [Fact]
    public void Systemd_accepts_the_units_and_finds_a_program_in_a_folder_of_any_name()
    {
        Assert.SkipWhen(Schedules.Lack("systemd-analyze") is not null, Schedules.Lack("systemd-analyze") ?? "");
        using PrivateHome home = new();
        string folder = Directory.CreateDirectory(Path.Combine(home.Root, Schedules.HostileName.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal))).FullName;
        string program = Path.Combine(folder, "pwsh");
        File.WriteAllText(program, "#!/bin/sh\n");
        ScheduleDefinition definition = Schedules.Of(scheduler: SchedulerKind.Systemd, folder: folder, program: program) with
        {
            RunnerVariables = new Dictionary<string, string> { ["DOTNET_ROOT"] = folder },
        };
        string service = Path.Combine(home.Project, "amp-nightly.service");
        File.WriteAllText(service, SystemdScheduler.Service(definition));
        File.WriteAllText(Path.Combine(home.Project, "amp-nightly.timer"), SystemdScheduler.Timer(definition));

        // A file that cannot be executed is what it complains about, by the name that it has read.
        string said = Verify();
        Assert.Contains($"Command {program} is not executable", said, StringComparison.Ordinal);
        File.SetUnixFileMode(program, (UnixFileMode)0x1ED);
        Assert.DoesNotContain("amp-nightly", Verify(), StringComparison.Ordinal);

        // And so that it would complain: a word that it does not know.
        File.AppendAllText(service, "TimeoutStrtSec=1\n");
        Assert.Contains("TimeoutStrtSec", Verify(), StringComparison.Ordinal);

        string Verify() => Command.Run("systemd-analyze", ["--user", "verify", service, Path.ChangeExtension(service, ".timer")], ("XDG_RUNTIME_DIR", home.Project)).Output;
    }

    [Fact]
    public void Systemd_is_not_given_a_program_that_it_would_not_start() => Assert.All(
        (string[])["/it's/pwsh", "/a\"b/pwsh", "/a\\b/pwsh", "/a\nb/pwsh"],
        program => Assert.Throws<AmpValidationException>(() => new SystemdScheduler(null!, new Dictionary<string, string> { ["HOME"] = "/h" }).Plan(Schedules.Of(program: program))));

    [Fact]
    public void A_unit_has_a_limit_above_that_of_the_runner_and_starts_what_was_missed()
    {
        ScheduleDefinition definition = Schedules.Of();
        Assert.Contains("\nTimeoutStartSec=3900\n", SystemdScheduler.Service(definition), StringComparison.Ordinal);
        Assert.Contains("\nType=oneshot\n", SystemdScheduler.Service(definition), StringComparison.Ordinal);
        Assert.Contains("\nPersistent=true\n", SystemdScheduler.Timer(definition), StringComparison.Ordinal);
        Assert.Contains(
            "\nExecStart=\"/a $b/pwsh\" -NoProfile -NonInteractive -File \"/c $$d %%h \\\"e\\\" \\\\f/runner.ps1\"\n",
            SystemdScheduler.Service(Schedules.Of(folder: "/c $d %h \"e\" \\f", program: "/a $b/pwsh")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_cron_is_one_command_of_the_shell_with_every_word_as_it_was()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no shell of Unix.");
        ScheduleDefinition definition = Schedules.Of(folder: $"/x/{Schedules.HostileName}", program: "/usr/bin/printf") with
        {
            RunnerVariables = new Dictionary<string, string> { ["DOTNET_ROOT"] = "/it's $HOME" },
        };
        string[] lines = CronScheduler.Lines(definition).TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal($"# {Scheduler.Mark("nightly")}", lines[0]);
        Assert.StartsWith("10 3 * * * DOTNET_ROOT='/it'\"'\"'s $HOME' /usr/bin/printf ", lines[1], StringComparison.Ordinal);

        // As cron does it: the rest after an unescaped % would be input.
        string command = lines[1]["10 3 * * * ".Length..];
        Assert.DoesNotMatch(@"(?<!\\)%", command);
        string unescaped = command.Replace("\\%", "%", StringComparison.Ordinal).Replace("/usr/bin/printf", "/usr/bin/printf '%s\\n'", StringComparison.Ordinal);
        Assert.Equal(
            string.Join('\n', definition.Runner.Skip(1)) + "\n",
            Command.Run("/bin/sh", ["-c", unescaped]).Output);
    }

    [Fact]
    public void Cron_is_not_given_what_it_would_read_in_another_way()
    {
        foreach (string folder in (string[])["/a\\b", "/a\nb", "/" + new string('x', 990)])
        {
            Assert.Throws<AmpValidationException>(() => CronScheduler.Lines(Schedules.Of(folder: folder)));
        }
    }

    [Fact]
    public void Lines_of_others_in_a_crontab_stay_as_they_are()
    {
        string own = CronScheduler.Lines(Schedules.Of());
        const string Others = "MAILTO=a@example.com\n# Amp schedule nightly\n\n0 1 * * * x % \xff\n# no end";
        Assert.Equal(Others, CronScheduler.Without(Others, "nightly"));
        Assert.Equal("a\nb", CronScheduler.Without($"a\n{own}b", "nightly"));
        Assert.Equal($"a\n{own}", CronScheduler.Without($"a\n{own}", "night"));

        // The line of the schedule was edited away: nothing of what follows is touched.
        Assert.Throws<AmpScheduleException>(() => CronScheduler.Without($"# {Scheduler.Mark("nightly")}\n0 1 * * * mine\n", "nightly"));
    }

    [Theory]
    [InlineData("no crontab for ann", true)]
    [InlineData("crontab: can't open 'root': No such file or directory", true)]
    [InlineData("crontab: can't open 'root': Permission denied", false)]
    [InlineData("", false)]
    public void Only_what_says_so_is_an_empty_crontab(string answer, bool isNone) => Assert.Equal(isNone, CronScheduler.IsNone(answer));

    [Theory]
    [InlineData("CRON_TZ=Asia/Tokyo\n", true)]
    [InlineData("MAILTO=x\n  CRON_TZ = \"UTC\"\n1 1 * * * true\n", true)]
    [InlineData("# CRON_TZ=Asia/Tokyo\nCRON_TZ=\n1 1 * * * CRON_TZ=x true\n", false)]
    public void A_time_zone_in_a_crontab_is_refused(string crontab, bool isRefused) =>
        Assert.Equal(isRefused, Record.Exception(() => CronScheduler.RefuseOtherZone(crontab)) is AmpScheduleException);

    [Fact]
    public void The_agent_of_launchd_is_a_property_list_with_every_word_as_it_was()
    {
        ScheduleDefinition definition = Schedules.Of(
            scheduler: SchedulerKind.Launchd, folder: $"/x/{Schedules.HostileName} <&>", trigger: ScheduleTrigger.Of(new TimeOnly(3, 10), [DayOfWeek.Sunday, DayOfWeek.Friday], null)) with
        {
            RunnerVariables = new Dictionary<string, string> { ["DOTNET_ROOT"] = "/d <&>" },
        };
        XElement dictionary = ReadPropertyList(LaunchdScheduler.Agent(definition));
        Dictionary<string, XElement> values = Values(dictionary);
        Assert.Equal("amp.schedule.nightly", values["Label"].Value);
        Assert.Equal(definition.Runner, values["ProgramArguments"].Elements("string").Select(word => word.Value));
        Assert.Equal("/d <&>", Values(values["EnvironmentVariables"])["DOTNET_ROOT"].Value);
        Assert.Equal(
            ["Weekday 0, Hour 3, Minute 10", "Weekday 5, Hour 3, Minute 10"],
            values["StartCalendarInterval"].Elements("dict").Select(time => string.Join(", ", Values(time).Select(value => $"{value.Key} {value.Value.Value}"))));
        Assert.All(values["StartCalendarInterval"].Descendants("integer"), number => Assert.Matches("^[0-9]+$", number.Value));

        // And so that a fault would be seen: an element that property lists do not have.
        Assert.Throws<XmlSchemaValidationException>(() => ReadPropertyList(LaunchdScheduler.Agent(definition).Replace("<integer>10</integer>", "<number>10</number>", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Monday")]
    [InlineData("00:15:00")]
    public void A_task_keeps_to_the_schema_of_Task_Scheduler(string when)
    {
        ScheduleTrigger trigger = when.Length == 0 ? Schedules.Daily("03:10") : when == "Monday" ? ScheduleTrigger.Of(new TimeOnly(3, 10), [DayOfWeek.Monday], null) : Schedules.Every(when);
        ScheduleDefinition definition = Schedules.Of(scheduler: SchedulerKind.TaskScheduler, folder: "C:\\Users\\Ännie & Co\\schedules\\nightly", program: "C:\\Program Files\\PowerShell\\7\\pwsh.exe", trigger: trigger);
        string task = WindowsTaskScheduler.Task(definition, "SITE\\ann");
        ReadTask(task);
        Assert.Contains("<MultipleInstancesPolicy>IgnoreNew<", task, StringComparison.Ordinal);
        Assert.Contains("<ExecutionTimeLimit>PT1H5M<", task, StringComparison.Ordinal);
        Assert.Contains(" -File \"C:\\Users\\Ännie &amp; Co\\schedules\\nightly/runner.ps1\"<", task, StringComparison.Ordinal);
        Assert.Equal(when == "00:15:00", task.Contains("<Interval>PT15M</Interval>", StringComparison.Ordinal));
        Assert.False(WindowsTaskScheduler.IsDisabled(task));
        Assert.True(WindowsTaskScheduler.IsDisabled(task.Replace("<AllowStartOnDemand>true</AllowStartOnDemand>\r\n    <Enabled>true", "<AllowStartOnDemand>true</AllowStartOnDemand>\r\n    <Enabled>false", StringComparison.Ordinal)));

        // And so that a fault would be seen: an order of elements that the schema does not have.
        Assert.Throws<XmlSchemaValidationException>(() => ReadTask(task.Replace("<StartBoundary>2026", "<StartBoundry>2026", StringComparison.Ordinal).Replace("</StartBoundary>", "</StartBoundry>", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("S-1-5-21-1-2-3-1001", false)]
    [InlineData("site\\Ann", false)]
    [InlineData("site\\j\uFFFDrg", false)]
    [InlineData("S-1-5-21-1-2-3-1002", true)]
    [InlineData("SITE\\bob", true)]
    public void A_task_of_another_user_is_known_by_its_account(string account, bool isOther)
    {
        string task = WindowsTaskScheduler.Task(Schedules.Of(), account);
        Assert.Equal(isOther, WindowsTaskScheduler.IsOfOther(task, "S-1-5-21-1-2-3-1001", "SITE\\ann"));
        Assert.False(WindowsTaskScheduler.IsOfOther(task[..^20], "S-1-5-21-1-2-3-1001", "SITE\\ann"));
    }

    [Fact]
    public void Task_Scheduler_replaces_nothing_in_a_path()
    {
        string task = WindowsTaskScheduler.Task(Schedules.Of(folder: "C:\\100%USERNAME%'s $(Arg0)", program: "C:\\pwsh.exe"), "ann");
        XNamespace space = "http://schemas.microsoft.com/windows/2004/02/mit/task";
        string arguments = ReadTask(task).Descendants(space + "Arguments").Single().Value;
        Assert.DoesNotContain('%', arguments);
        Assert.StartsWith("-NoProfile -NonInteractive -EncodedCommand ", arguments, StringComparison.Ordinal);
        Assert.Equal("& 'C:\\100%USERNAME%''s $(Arg0)/runner.ps1'; exit $LASTEXITCODE", Encoding.Unicode.GetString(Convert.FromBase64String(arguments.Split(' ')[^1])));
        Assert.Throws<AmpValidationException>(() => WindowsTaskScheduler.Task(Schedules.Of(program: "C:\\%X%\\pwsh.exe"), "ann"));
    }

    [Fact]
    public void A_definition_is_read_as_it_was_written()
    {
        ScheduleDefinition definition = Schedules.Of(folder: $"/x/{Schedules.HostileName}", trigger: Schedules.Every("00:20:00", "00:03")) with
        {
            Variables = new Dictionary<string, string> { ["PATH"] = "/a:/b", ["LANG"] = "de_DE.UTF-8" },
            ApiKeyName = "AmpApiKey",
            Vault = "mine",
            EnvironmentFile = "/e",
            SchedulerFiles = ["/f"],
        };
        string text = definition.ToJson();
        Assert.Equal(text, ScheduleDefinition.Parse(text)!.ToJson());
        foreach (string broken in (string[])["", "{}", "[]", text[..^5], text.Replace("\"Cron\"", "\"At\"", StringComparison.Ordinal), text.Replace("\"nightly\"", "\"../x\"", StringComparison.Ordinal), text.Replace("\"timeLimit\": 3600", "\"timeLimit\": -1", StringComparison.Ordinal)])
        {
            Assert.Null(ScheduleDefinition.Parse(broken));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\n")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a.b")]
    [InlineData("CON")]
    [InlineData("com1")]
    [InlineData("näct")]
    [InlineData("a%h")]
    public void A_name_that_leads_elsewhere_is_refused(string name) =>
        Assert.Equal("Name", Assert.Throws<AmpValidationException>(() => ScheduleDefinition.CheckName(name)).OptionName);

    private static XElement ReadPropertyList(string text)
    {
        // Apple's public document type, which is beside this file: nothing is loaded from the network.
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Parse, ValidationType = ValidationType.DTD, XmlResolver = new LocalResolver() };
        using XmlReader reader = XmlReader.Create(new StringReader(text), settings);
        return XDocument.Load(reader).Root!.Element("dict")!;
    }

    private static XDocument ReadTask(string text)
    {
        XmlSchemaSet schemas = new();
        schemas.Add(null, Path.Combine(s_schemas, "Task.xsd"));
        XDocument task = XDocument.Parse(text);
        task.Validate(schemas, null);
        return task;
    }

    private static Dictionary<string, XElement> Values(XElement dictionary) =>
        dictionary.Elements("key").ToDictionary(key => key.Value, key => key.ElementsAfterSelf().First());

    private sealed class LocalResolver : XmlResolver
    {
        public override object? GetEntity(Uri absoluteUri, string? role, Type? ofObjectToReturn) => File.OpenRead(Path.Combine(s_schemas, Path.GetFileName(absoluteUri.LocalPath)));
    }
}

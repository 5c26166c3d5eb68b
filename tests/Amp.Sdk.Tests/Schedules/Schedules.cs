using System.Runtime.Versioning;
using Amp.Schedules;
using Amp.Testing;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>Schedules for tests.</summary>
internal static class Schedules
{
    /// <summary>A folder name with everything that a format could take for something else.</summary>
    public const string HostileName = "a b 100%h %% $HOME ${X} 'q' \"d\" é日 #;&|`(1)";

    public static ScheduleDefinition Of(
        string name = "nightly",
        SchedulerKind scheduler = SchedulerKind.Cron,
        ScheduleTrigger? trigger = null,
        string folder = "/home/ann/.local/share/amp-sdk-dotnet/schedules/nightly",
        string program = "/usr/bin/pwsh",
        params string[] command) => new()
        {
            Name = name,
            Scheduler = scheduler,
            Trigger = trigger ?? Daily("03:10"),
            Runner = [program, "-NoProfile", "-NonInteractive", "-File", $"{folder}/runner.ps1"],
            Command = command.Length > 0 ? command : ["/usr/bin/pwsh", "-File", "/srv/nightly.ps1"],
            ScriptPath = "/srv/nightly.ps1",
            WorkingDirectory = "/",
            TimeLimit = TimeSpan.FromHours(1),
            LogDirectory = $"{folder}/logs",
            LogLimit = 3,
        };

    public static ScheduleTrigger Daily(string at) => ScheduleTrigger.Of(TimeOnly.ParseExact(at, "HH:mm"), [], null);

    public static ScheduleTrigger Every(string distance, string at = "00:00") => ScheduleTrigger.Of(TimeOnly.ParseExact(at, "HH:mm"), [], TimeSpan.Parse(distance, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Why a program of the system is not there; null if it is. CI installs it.</summary>
    public static string? Lack(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)))
        ? null
        : $"{program} is not installed.";
}

/// <summary>
/// A user of a test's own, with stand-ins for programs of schedulers on PATH: a crontab that keeps one in a file, and a systemctl that records its
/// calls and answers as if a systemd of the user were there. No systemd runs in a container.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ScheduleUser : IDisposable
{
    private readonly PrivateHome _home = new();

    public ScheduleUser(bool hasSystemd = false)
    {
        string programs = Directory.CreateDirectory(Path.Combine(_home.Root, "bin")).FullName;
        Environment = new Dictionary<string, string>
        {
            ["HOME"] = Home,
            ["PATH"] = $"{programs}:/usr/bin:/bin",
            ["XDG_CONFIG_HOME"] = Path.Combine(Home, ".config"),
            ["XDG_DATA_HOME"] = Path.Combine(Home, ".local", "share"),
            ["XDG_STATE_HOME"] = Path.Combine(Home, ".local", "state"),
        };
        Script("crontab", $$"""
            case "$1" in
              -l) [ -f '{{Home}}/silent' ] && exit 1; [ -f '{{Crontab}}' ] && cat '{{Crontab}}' || { echo 'no crontab for ann' >&2; exit 1; } ;;
              -r) rm '{{Crontab}}' ;;
              -) [ -f '{{Home}}/refuse' ] && { echo 'bad minute' >&2; exit 1; }; cat > '{{Crontab}}.new' && mv '{{Crontab}}.new' '{{Crontab}}'
                date +%s >> '{{Home}}/crontab.writes'
                [ ! -f '{{Home}}/other' ] || { cat '{{Home}}/other' >> '{{Crontab}}'; rm '{{Home}}/other'; } ;;
            esac
            """);
        Script("systemctl", $$"""
            [ '{{hasSystemd}}' = True ] || { echo 'Failed to connect to bus: No medium found' >&2; exit 1; }
            [ "$2" = is-enabled ] && { [ -f "$XDG_CONFIG_HOME/on-$3" ] && echo enabled && exit 0; [ -f "$XDG_CONFIG_HOME/systemd/user/$3" ] && echo disabled || echo not-found; exit 1; }
            [ "$2" = is-active ] && { [ -f '{{Home}}/timer' ] && cat '{{Home}}/timer' && exit 3; echo active; exit 0; }
            echo "$*" >> '{{Home}}/systemctl.calls'
            [ "$2" = restart ] && [ -f "$XDG_DATA_HOME/systemd/timers/stamp-$3" ] && echo 'made up for' >> '{{Home}}/systemctl.calls'
            [ "$2" = "$(cat '{{Home}}/refuse' 2>/dev/null)" ] && { echo "Failed to $2" >&2; exit 1; }
            [ "$2" = enable ] && : > "$XDG_CONFIG_HOME/on-$3"
            [ "$2" = disable ] && rm -f "$XDG_CONFIG_HOME/on-$4"
            exit 0
            """);

        // An agent is still there when launchctl has said that it is going, and a second one is refused.
        Script("launchctl", $$"""
            echo "$1" >> '{{Home}}/launchctl.calls'
            case "$1" in
              print) [ -f '{{Home}}/agent' ] || exit 113
                [ -f '{{Home}}/leaving' ] || exit 0
                left=$(cat '{{Home}}/leaving'); [ "$left" -gt 0 ] && echo $((left - 1)) > '{{Home}}/leaving' && exit 0
                rm '{{Home}}/agent' '{{Home}}/leaving'; exit 113 ;;
              bootout) echo 3 > '{{Home}}/leaving'; [ ! -f '{{Home}}/bootout' ] || exit "$(cat '{{Home}}/bootout')" ;;
              bootstrap) [ -f '{{Home}}/agent' ] && { echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; }; : > '{{Home}}/agent' ;;
            esac
            """);
        Directory.CreateDirectory(Environment["XDG_CONFIG_HOME"]);
        Store = new ScheduleStore(Environment);
    }

    public string Home => _home.Root;

    public Dictionary<string, string> Environment { get; }

    public ScheduleStore Store { get; }

    public string Crontab => Path.Combine(Home, "crontab.txt");

    /// <summary>The seconds in which the crontab was written.</summary>
    public string[] CrontabWrites => File.ReadAllLines(Path.Combine(Home, "crontab.writes"));

    public string[] SystemctlCalls => File.Exists(Path.Combine(Home, "systemctl.calls")) ? File.ReadAllLines(Path.Combine(Home, "systemctl.calls")) : [];

    /// <summary>All files of the user, without those of the stand-ins and the lock of all schedules, which stays.</summary>
    public string[] Files => [.. Directory.GetFiles(Home, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Home, file)).Where(file => !file.StartsWith("bin/", StringComparison.Ordinal) && !file.EndsWith("schedules/.lock", StringComparison.Ordinal) && file is not ("systemctl.calls" or "crontab.writes" or "refuse")).Order(StringComparer.Ordinal)];

    /// <summary>Has the scheduler refuse: any crontab, or one command of systemctl; null to have it accept.</summary>
    public void Refuse(string? what)
    {
        File.Delete(Path.Combine(Home, "refuse"));
        if (what is not null)
        {
            File.WriteAllText(Path.Combine(Home, "refuse"), what);
        }
    }

    public ScheduleDefinition Define(string name, SchedulerKind scheduler, string at = "03:10", params string[] command) =>
        Schedules.Of(name, scheduler, Schedules.Daily(at), Store.FolderOf(name), "/bin/sh", command) with { LogDirectory = Store.DefaultLogDirectory(name), WorkingDirectory = Home };

    /// <summary>Has someone else add lines to the crontab after the next change of it.</summary>
    public void AddLater(string lines) => File.WriteAllText(Path.Combine(Home, "other"), lines);

    public Task<bool> RegisterAsync(ScheduleDefinition definition, bool replace = false) =>
        Store.RegisterAsync(definition, new Dictionary<string, string> { [ScheduleStore.RunnerName] = "# runner\n" }, replace, TestContext.Current.CancellationToken);

    public void Dispose() => _home.Dispose();

    private void Script(string name, string body)
    {
        string path = Path.Combine(Home, "bin", name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
    }
}

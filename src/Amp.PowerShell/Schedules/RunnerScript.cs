using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Security;
using System.Text.RegularExpressions;
using Amp.Files;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.State;
using Amp.Schedules;
using Amp.Text;

namespace Amp.PowerShell.Schedules;

/// <summary>
/// What a scheduler starts: this PowerShell with a small script that imports this module by its path, because a scheduler gives its commands
/// neither a profile nor the user's variables.
/// </summary>
internal static partial class RunnerScript
{
    /// <summary>The variable of the access token. It is a secret, so the script does not get it from this session.</summary>
    public const string KeyVariable = "AMP_API_KEY";

    private const string Manifest = "Amp.psd1";

    // Nobody would answer a prompt.
    private static readonly string[] s_quiet = ["-NoLogo", "-NoProfile", "-NonInteractive"];

    // What finds programs, modules, folders and certificates, and what chooses a language. None of them is a secret.
    private static readonly string[] s_keptVariables =
    [
        "PATH", "PSModulePath", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ", "AMP_CLI_PATH", "AMP_URL", "AMP_SETTINGS_FILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
        "XDG_DATA_HOME", "XDG_STATE_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "http_proxy", "https_proxy",
    ];

    // Without them, a PowerShell that was installed as a tool of .NET does not start.
    private static readonly string[] s_runnerVariables = ["DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64"];

    // A parameter whose name ends in this way refers to a secret, such as ApiKeyName, and is not one.
    private static readonly string[] s_references = ["Name", "Path", "File", "Folder"];

    private static string ModuleFolder => Path.GetDirectoryName(typeof(RunnerScript).Assembly.Location)!;

    /// <summary>The folders in which a script finds this module by its name.</summary>
    public static IReadOnlyList<string> ModuleFolders
    {
        get
        {
            // Installed modules are in a folder of their version.
            string named = Version.TryParse(Path.GetFileName(ModuleFolder), out _) ? Path.GetDirectoryName(ModuleFolder)! : ModuleFolder;
            return Path.GetFileName(named) == "Amp" ? [Path.GetDirectoryName(named)!] : [];
        }
    }

    /// <summary>Whether this session has an access token in its variables.</summary>
    public static bool HasKey => Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 };

    /// <summary>The text of the runner of a schedule.</summary>
    public static string Text(string name) => $$"""
        # {{Scheduler.Mark(name)}}
        # The scheduler starts this script, which runs the script of the schedule as schedule.json says: one run at a time, with its time limit,
        # its access token and its log. You can start it in a terminal, too.
        $ErrorActionPreference = 'Stop'
        try {
            Import-Module -Name '{{CodeGeneration.EscapeSingleQuotedStringContent(Path.Combine(ModuleFolder, Manifest))}}'
            $runner = (Get-Command -Name Get-AmpSchedule -Module Amp).ImplementingType.Assembly.GetType('{{typeof(ScheduleRunner).FullName}}')
            exit $runner.GetMethod('{{nameof(ScheduleRunner.Run)}}').Invoke($null, @($PSScriptRoot))
        }
        catch {
            # Such as a module that was removed: there is nothing else that could write the record and the log.
            $failure = $_
            $now = Get-Date -Format o
            try {
                # A run that is active writes the record itself.
                $lock = [System.IO.File]::Open((Join-Path $PSScriptRoot '{{ScheduleStore.RunLockName}}'), 'OpenOrCreate', 'ReadWrite', 'None')
                try {
                    $log = Join-Path $PSScriptRoot '{{ScheduleStore.NotStartedName}}'
                    Set-Content -LiteralPath $log -Value "$failure"
                    $record = ConvertTo-Json -Compress @{ start = $now; end = $now; runner = "$PID.0.0"; log = $log; result = '{{ScheduleResult.NotStarted}}' }
                    Set-Content -LiteralPath (Join-Path $PSScriptRoot '{{ScheduleStore.RecordName}}') -Value $record
                }
                finally {
                    $lock.Dispose()
                }
            }
            catch {
                Write-Error -ErrorRecord $_ -ErrorAction Continue
            }

            Write-Error -ErrorRecord $failure -ErrorAction Continue
            $schedule = Get-Content -Raw -LiteralPath (Join-Path $PSScriptRoot '{{ScheduleStore.DefinitionName}}') | ConvertFrom-Json
            Add-Content -LiteralPath (Join-Path $schedule.logDirectory "$($schedule.name){{RunLogs.HistoryEnd}}") -Value "$now {{ScheduleResult.NotStarted}}: $failure" -ErrorAction Continue
            exit {{ScheduledRun.NotStartedCode.ToString(CultureInfo.InvariantCulture)}}
        }

        """.ReplaceLineEndings("\n");

    /// <summary>The command that a scheduler starts.</summary>
    /// <param name="powerShell">The program of PowerShell and its first arguments.</param>
    /// <param name="runner">The full path of the runner.</param>
    public static IReadOnlyList<string> RunnerCommand(IReadOnlyList<string> powerShell, string runner) =>
        [.. powerShell, .. s_quiet, .. OperatingSystem.IsWindows() ? (string[])["-WindowStyle", "Hidden"] : [], "-File", runner];

    /// <summary>The command that the runner starts.</summary>
    /// <param name="powerShell">The program of PowerShell and its first arguments.</param>
    /// <param name="script">The full path of the script.</param>
    /// <param name="parameters">The parameters of the script; null for none.</param>
    /// <exception cref="AmpValidationException">A parameter cannot be kept.</exception>
    public static IReadOnlyList<string> ScriptCommand(IReadOnlyList<string> powerShell, string script, IDictionary? parameters)
    {
        List<string> command = [.. powerShell, .. s_quiet, "-File", script];

        // A hashtable has another order in each process.
        foreach ((string name, object? value) in (parameters ?? new Hashtable()).Cast<DictionaryEntry>()
            .Select(entry => (Convert.ToString(PlainValue.Unwrap(entry.Key), CultureInfo.InvariantCulture) ?? string.Empty, entry.Value))
            .OrderBy(parameter => parameter.Item1, StringComparer.OrdinalIgnoreCase))
        {
            if (!ParameterPattern().IsMatch(name))
            {
                throw Invalid(name, $"'{name}' is not a valid parameter name");
            }

            // With a colon, PowerShell takes the next argument as it is, even if it begins with a hyphen.
            (string kept, bool isSwitch) = Kept(name, PlainValue.Unwrap(value));
            command.AddRange(isSwitch ? [$"-{name}:${kept}"] : [$"-{name}:", kept]);
        }

        return command;
    }

    /// <summary>Gets the program of this PowerShell, with the arguments that it begins with.</summary>
    /// <param name="home">The folder of PowerShell.</param>
    /// <exception cref="AmpValidationException">It has none that could be started.</exception>
    public static IReadOnlyList<string> PowerShellProgram(string home)
    {
        string own = Environment.ProcessPath ?? string.Empty;
        string name = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";

        // A package of the Store has its version in its path; its alias stays.
        string alias = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Microsoft", "WindowsApps", name);
        bool isOfStore = OperatingSystem.IsWindows() && own.Contains("\\WindowsApps\\", StringComparison.OrdinalIgnoreCase) && Path.Exists(alias);
        return isOfStore ? [alias]
            : OwnPowerShell.Find(home) is { } program ? program.Count == 1 ? [OnPath(program[0])] : program
            : throw new AmpValidationException($"'{home}' contains no PowerShell that a scheduler can start.", "ScriptPath", "Register the schedule in pwsh.", home);
    }

    /// <summary>Gets the name of a program that stays when a package manager replaces the folder of its version.</summary>
    /// <param name="program">The full path of the program.</param>
    /// <returns>The first other path on <c>PATH</c> that leads to the same file; the given one if there is none. PowerShell itself puts its own
    /// folder in front.</returns>
    public static string OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, Path.GetFileName(program)))
            .FirstOrDefault(path => path != program && File.Exists(path) && RealPath.Of(path) == RealPath.Of(program)) ?? program;

    /// <summary>The variables of this session that the script gets.</summary>
    public static IReadOnlyDictionary<string, string> KeptVariables() => Present(s_keptVariables).Where(variable => !IsLeftOut(variable)).ToDictionary(StringComparer.Ordinal);

    /// <summary>The names of the variables that the script would get if their values had no login.</summary>
    public static IEnumerable<string> LeftOutVariables() => Present(s_keptVariables).Where(IsLeftOut).Select(variable => variable.Key);

    /// <summary>The variables that this PowerShell needs to start.</summary>
    public static IReadOnlyDictionary<string, string> RunnerVariables() => Present(s_runnerVariables).ToDictionary(StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, string>> Present(string[] names) => names
        .Where(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 })
        .DistinctBy(name => name, OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal)
        .Select(name => KeyValuePair.Create(name, Environment.GetEnvironmentVariable(name)!));

    private static bool IsLeftOut(KeyValuePair<string, string> variable) =>
        HasLogin(variable.Value) || (IsProxy(variable.Key) && variable.Value.Contains('@', StringComparison.Ordinal));

    // The address of a proxy may lack its scheme.
    private static bool IsProxy(string name) => name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase);

    // A proxy or service with a password in its address.
    private static bool HasLogin(string value) => LoginPattern().IsMatch(value);

    private static (string Value, bool IsSwitch) Kept(string name, object? value) => value switch
    {
        string text when IsSecret(name, text) => throw new AmpValidationException(
            $"'{name}' looks like a secret. It would be visible in the file of the schedule and in the arguments of a process.",
            "ScriptParameter",
            "Read the secret in the script, use -ApiKeyName for the access token, or pass variables with -EnvironmentFile.",
            name),
        string text when text.All(c => !char.IsControl(c)) => (text, false),
        string => throw Invalid(name, $"The value of '{name}' contains a control character"),
        SwitchParameter flag => (flag.IsPresent ? "true" : "false", true),
        bool flag => (flag ? "true" : "false", true),
        SecureString or PSCredential => throw Invalid(name, $"'{name}' is a secret, and secrets are not stored with a schedule"),
        DateTime or DateTimeOffset or DateOnly or TimeOnly => (((IFormattable)value).ToString("o", CultureInfo.InvariantCulture), false),
        Enum or TimeSpan => (value.ToString()!, false),
        FileSystemInfo file => (file.FullName, false),
        IConvertible number => (number.ToString(CultureInfo.InvariantCulture), false),
        _ => throw Invalid(name, $"The value of '{name}' is {(value is null ? "null" : $"an object of type {value.GetType()}")}, which cannot be stored"),
    };

    private static bool IsSecret(string name, string text) => HasLogin(text) || SecretRedactor.Patterns.Redact(text) != text
        || (SecretRedactor.IsSecret(name, text) && text.Length > 0 && !Array.Exists(s_references, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)));

    private static AmpValidationException Invalid(string name, string fault) => new(
        $"{fault}.", "ScriptParameter", "Give strings, numbers, dates or switches, such as @{ WorkingDirectory = '/srv/site'; TimeoutSec = 900 }. For anything else, use -ScriptBlock.", name);

    [GeneratedRegex(@"\A\w+\z")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex(@"://[^/\s]*@", RegexOptions.CultureInvariant)]
    private static partial Regex LoginPattern();
}

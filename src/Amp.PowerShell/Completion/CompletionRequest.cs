using System.Collections;
using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Amp.PowerShell.Conversion;

namespace Amp.PowerShell.Completion;

/// <summary>What somebody has typed so far, as far as it decides what can be offered: the CLI, the folder, the settings and the variables.</summary>
internal sealed class CompletionRequest
{
    private readonly IDictionary _bound;
    private readonly Lazy<PathIntrinsics?> _paths = new(Paths);
    private readonly Lazy<AmpCli?> _cli;

    public CompletionRequest(IDictionary? bound)
    {
        _bound = bound ?? new Hashtable();
        _cli = new Lazy<AmpCli?>(() => AmpClient.RecallCli(new AmpOptions
        {
            CliPath = CliPath,
            WorkingDirectory = WorkingDirectory,
            Environment = Variables,
        }));
    }

    /// <summary>What the CLI said of itself when it was last asked; null where nothing is known of it.</summary>
    public AmpCli? Cli => _cli.Value;

    /// <summary>What a cmdlet would give to the SDK's clients.</summary>
    public CliOptions CliOptions => new()
    {
        CliPath = CliPath,
        WorkingDirectory = WorkingDirectory,
        SettingsFile = PathUnder("SettingsFile"),
        Environment = Variables,
    };

    /// <summary>What has passed through this runspace.</summary>
    public State.SeenNames Seen { get; } = State.RunspaceState.Current.Seen;

    private string? CliPath => PathUnder("CliPath");

    private string? WorkingDirectory => PathUnder("WorkingDirectory") ?? _paths.Value?.CurrentFileSystemLocation.ProviderPath;

    private Dictionary<string, string?>? Variables => EnvironmentParameter.ToDictionary(Bound("Environment") as IDictionary);

    private object? Bound(string parameter) => _bound.Contains(parameter) && _bound[parameter] is object value
        ? PlainValue.Unwrap(value)
        : null;

    private string? PathUnder(string parameter) => Bound(parameter) switch
    {
        string { Length: > 0 } path => _paths.Value?.GetUnresolvedProviderPathFromPSPath(path) ?? path,
        FileSystemInfo file => file.FullName,
        _ => null,
    };

    // A completer is handed no session state, as cmdlets are.
    private static PathIntrinsics? Paths()
    {
        if (Runspace.DefaultRunspace is null)
        {
            return null;
        }

        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        Collection<PathIntrinsics> found = shell.AddScript("$ExecutionContext.SessionState.Path").Invoke<PathIntrinsics>();
        return found.FirstOrDefault();
    }
}

/// <summary>Tells whether a parameter takes wildcards, so that a name with brackets in it is offered as that name and no pattern.</summary>
internal static class WildcardParameter
{
    private static readonly ConcurrentDictionary<(string Command, string Parameter), bool> s_known = new();

    public static bool Is(string? command, string? parameter) =>
        command is not null && parameter is not null && s_known.GetOrAdd((command, parameter), Find);

    private static bool Find((string Command, string Parameter) key) => typeof(WildcardParameter).Assembly.GetExportedTypes()
        .Where(type => type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet
            && $"{cmdlet.VerbName}-{cmdlet.NounName}".Equals(key.Command, StringComparison.OrdinalIgnoreCase))
        .Any(type => type.GetProperty(key.Parameter, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance)
            ?.IsDefined(typeof(SupportsWildcardsAttribute)) == true);
}

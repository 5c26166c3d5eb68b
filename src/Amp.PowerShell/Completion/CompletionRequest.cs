using System.Collections;
using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Amp.PowerShell.Conversion;

namespace Amp.PowerShell.Completion;

/// <summary>The parts of the command line that determine the completions: the CLI, the folder, the settings and the variables.</summary>
internal sealed class CompletionRequest
{
    private readonly IDictionary _bound;
    private readonly Lazy<PathIntrinsics?> _paths = new(Paths);
    private readonly Lazy<AmpCli?> _cli;

    public CompletionRequest(IDictionary? bound)
    {
        _bound = bound ?? new Hashtable();
        _cli = new Lazy<AmpCli?>(() => AmpClient.RecallCli(CliOptions));
    }

    /// <summary>The last known features of the CLI; null if none are known.</summary>
    public AmpCli? Cli => _cli.Value;

    /// <summary>The options that a cmdlet would give the SDK's clients.</summary>
    public CliOptions CliOptions => new()
    {
        CliPath = PathUnder("CliPath"),
        WorkingDirectory = PathUnder("WorkingDirectory") ?? _paths.Value?.CurrentFileSystemLocation.ProviderPath,
        SettingsFile = PathUnder("SettingsFile"),
        Environment = EnvironmentParameter.ToDictionary(Bound("Environment") as IDictionary),
    };

    /// <summary>The names seen in this runspace.</summary>
    public State.SeenNames Seen { get; } = State.RunspaceState.Current.Seen;

    private object? Bound(string parameter) => _bound.Contains(parameter) && _bound[parameter] is object value
        ? PlainValue.Unwrap(value)
        : null;

    private string? PathUnder(string parameter) => Bound(parameter) switch
    {
        string { Length: > 0 } path => _paths.Value?.GetUnresolvedProviderPathFromPSPath(path) ?? path,
        FileSystemInfo file => file.FullName,
        _ => null,
    };

    // In contrast to cmdlets, a completer gets no session state.
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

/// <summary>Returns whether a parameter accepts wildcards, so that brackets in a name are escaped.</summary>
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

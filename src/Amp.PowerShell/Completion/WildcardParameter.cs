using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;

namespace Amp.PowerShell.Completion;

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

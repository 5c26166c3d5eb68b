using System.Collections.Concurrent;
using System.Management.Automation;

namespace Amp.Attack.Gate;

/// <summary>What was reached in the session that no script may reach: functions that tell, and commands that were looked up though they are not allowed.</summary>
public static class Canaries
{
    /// <summary>What a tool of the session admits while it is attacked: wide patterns, and two that change something, by name.</summary>
    public static readonly IReadOnlyList<string> Allowed = ["Get-*", "Format-*", "*-Object", "Write-Output", "ConvertTo-Json", "Select-String", "Invoke-*", "Update-*", "Remove-Item", "Remove-Sample", "Set-Sample"];

    private static readonly WildcardPattern[] s_allowed = [.. Allowed.Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase))];
    private static readonly ConcurrentQueue<string> s_reached = new();

    // The module makes text of formatted output by the first; the others are what PowerShell's own commands look up.
    private static readonly HashSet<string> s_own = new(StringComparer.OrdinalIgnoreCase) { "Microsoft.PowerShell.Utility\\Out-String", "Out-Default", "Invoke-GateAttack" };

    /// <summary>Tells that something was reached.</summary>
    public static void Reach(string what) => s_reached.Enqueue(what);

    internal static string[] Take()
    {
        string[] reached = [.. s_reached];
        s_reached.Clear();
        return reached;
    }

    /// <summary>Watches which commands are looked up. What Get-Command is asked for by a beginning is found by another name.</summary>
    internal static void Watch(object? sender, CommandLookupEventArgs lookup)
    {
        string found = lookup.Command?.Name ?? lookup.CommandName;
        if (!s_own.Contains(lookup.CommandName) && !Array.Exists(s_allowed, pattern => pattern.IsMatch(found)))
        {
            Reach($"the command {lookup.CommandName} ({found})");
        }
    }
}

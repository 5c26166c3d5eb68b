using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Conversion;

/// <summary>Lets a parameter that requires a session also accept its name or number.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class SessionTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? bare = PlainValue.Unwrap(inputData);
        return bare is IEnumerable list and not string ? list.Cast<object?>().Select(One).ToArray() : One(inputData);
    }

    private static object? One(object? value) => PlainValue.Unwrap(value) switch
    {
        PSCustomObject when value is PSObject copy && copy.TypeNames.Contains("Deserialized.Amp.AmpSession") => throw new AmpValidationException(
            "A session from a file, a job or another PowerShell session cannot be used here. A session is open only where it was created.",
            "Session",
            "Use it where you created it, or continue its thread: Invoke-AmpAgent 'prompt' -ThreadId $session."),
        string name => Find(session => session.Name.Equals(name, StringComparison.OrdinalIgnoreCase), $"'{TerminalText.Strip(name)}'"),
        int id => Find(session => session.Id == id, id.ToString(CultureInfo.InvariantCulture)),
        _ => value,
    };

    private static AmpSession Find(Func<AmpSession, bool> isMeant, string shown)
    {
        AmpSession[] found = [.. RunspaceState.Current.Sessions.All.Where(isMeant)];
        return found.Length == 1 ? found[0] : throw new AmpValidationException(
            $"There {(found.Length == 0 ? "is no session" : $"are {found.Length} sessions")} {shown} in this PowerShell session. "
                + "Run Get-AmpSession to list the open sessions, or New-AmpSession to create one.",
            "Session",
            "Give a session from New-AmpSession, or its name or number.");
    }
}

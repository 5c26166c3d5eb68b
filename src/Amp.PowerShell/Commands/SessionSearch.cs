using System.Globalization;
using System.Management.Automation;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Finds sessions of this runspace by name or number, and reports what was not found.</summary>
internal sealed record SessionSearch(IReadOnlyList<AmpSession> Found, IReadOnlyList<AmpException> Missing)
{
    public static SessionSearch ById(IEnumerable<int> ids) => Of(
        ids,
        (session, id) => session.Id == id,
        _ => false,
        nameof(AmpSession.Id),
        id => id.ToString(CultureInfo.InvariantCulture));

    public static SessionSearch ByName(IEnumerable<string> names) => Of(
        names,
        (session, name) => WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(session.Name),
        WildcardPattern.ContainsWildcardCharacters,
        nameof(AmpSession.Name),
        name => $"'{name}'");

    private static SessionSearch Of<T>(
        IEnumerable<T> keys, Func<AmpSession, T, bool> matches, Func<T, bool> mayBeNone, string parameterName, Func<T, string> shown)
    {
        AmpSession[] all = [.. RunspaceState.Current.Sessions.All];
        List<AmpSession> found = [];
        List<AmpException> missing = [];
        foreach (T key in keys)
        {
            AmpSession[] matching = Array.FindAll(all, session => matches(session, key));
            found.AddRange(matching.Except(found));
            if (matching.Length == 0 && !mayBeNone(key))
            {
                missing.Add(new AmpValidationException(
                    $"There is no session {shown(key)} in this PowerShell session.", parameterName, "Run Get-AmpSession to list the open sessions.", key));
            }
        }

        return new SessionSearch(found, missing);
    }
}

using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>Collects the names and wildcard patterns of a cmdlet, from arguments and from the pipeline.</summary>
internal sealed class NameFilter
{
    private readonly List<(string Name, WildcardPattern Pattern)> _given = [];
    private bool _takesAll;

    /// <summary>Adds the names of one pipeline object, or of the parameter. Null, for an omitted parameter, matches everything.</summary>
    public void Add(string[]? names)
    {
        _takesAll |= names is null;
        _given.AddRange((names ?? []).Select(name => (name, WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))));
    }

    /// <summary>Whether nothing was given. An empty pipeline requests nothing.</summary>
    public bool IsEmpty => !_takesAll && _given.Count == 0;

    /// <summary>Returns whether a name is requested.</summary>
    public bool Matches(string name) => _takesAll || _given.Exists(given => given.Pattern.IsMatch(name));

    /// <summary>Gets the names without wildcards that are not in the list.</summary>
    public IEnumerable<string> Missing(IEnumerable<string> names) => _given
        .Where(given => !WildcardPattern.ContainsWildcardCharacters(given.Name) && !names.Any(given.Pattern.IsMatch))
        .Select(given => given.Name);
}

using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>The names and wildcard patterns that a cmdlet was given, by argument or through the pipeline, over all of its input.</summary>
internal sealed class NameFilter
{
    private readonly List<(string Name, WildcardPattern Pattern)> _given = [];
    private bool _takesAll;

    /// <summary>Adds what one object of the pipeline gave; null stands for everything.</summary>
    public void Add(string[]? names)
    {
        _takesAll |= names is null;
        _given.AddRange((names ?? []).Select(name => (name, WildcardPattern.Get(name, WildcardOptions.IgnoreCase))));
    }

    /// <summary>Whether nothing was given: a pipeline that brings nothing asks for nothing.</summary>
    public bool IsEmpty => !_takesAll && _given.Count == 0;

    /// <summary>Whether a name is asked for.</summary>
    public bool Matches(string name) => _takesAll || _given.Exists(given => given.Pattern.IsMatch(name));

    /// <summary>The names that were given in full and are none of these.</summary>
    public IEnumerable<string> Missing(IEnumerable<string> names) => _given
        .Where(given => !WildcardPattern.ContainsWildcardCharacters(given.Name) && !names.Any(given.Pattern.IsMatch))
        .Select(given => given.Name);
}

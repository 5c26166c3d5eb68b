namespace Amp.Text;

/// <summary>
/// The secrets that runs were given. A message that was stored, or that comes from a job or another session, has lost the knowledge of its run;
/// what shows it removes at least these.
/// </summary>
internal sealed class KnownSecrets
{
    // A host of many users must not fill its memory, and each value is searched for in every text of a report.
    private const int Most = 100;

    private readonly object _lock = new();
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Those of the runs of this process.</summary>
    public static KnownSecrets OfProcess { get; } = new();

    /// <summary>The values, the oldest first.</summary>
    public IReadOnlyList<string> Values
    {
        get
        {
            lock (_lock)
            {
                return [.. _order];
            }
        }
    }

    /// <summary>Keeps the secrets of a run. If there are too many, the oldest are forgotten.</summary>
    /// <param name="environment">Its variables, of which those count whose names say that they contain a secret.</param>
    /// <param name="secrets">Its other secrets. Those of its own services, which end with the run, are not worth keeping.</param>
    public void Note(IReadOnlyDictionary<string, string> environment, IEnumerable<string> secrets)
    {
        lock (_lock)
        {
            foreach (string value in environment.Where(variable => SecretRedactor.IsSecret(variable.Key, variable.Value)).Select(variable => variable.Value).Concat(secrets))
            {
                if (value.Length > 0 && _values.Add(value))
                {
                    _order.Enqueue(value);
                }
            }

            while (_order.Count > Most)
            {
                _values.Remove(_order.Dequeue());
            }
        }
    }
}

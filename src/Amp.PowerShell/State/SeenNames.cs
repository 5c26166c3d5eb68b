namespace Amp.PowerShell.State;

/// <summary>
/// The names that a runspace has seen, for completion: threads, tools, MCP servers, skills, labels and checkpoints. It keeps a limited number of each,
/// and no other content.
/// </summary>
internal sealed class SeenNames
{
    private const int MostThreads = 2000;
    private const int MostNames = 1000;

    private readonly object _gate = new();
    private readonly Dictionary<string, SeenThread> _threads = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string?> _tools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _skills = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _labels = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string?> _checkpoints = new(StringComparer.Ordinal);
    private SystemMessage? _lastStart;

    /// <summary>The threads, most recently changed first.</summary>
    public IReadOnlyList<SeenThread> Threads => Locked(() => (SeenThread[])[.. _threads.Values.OrderByDescending(thread => thread.Time)]);

    /// <summary>The tools with their descriptions, if known.</summary>
    public IReadOnlyDictionary<string, string?> Tools => With(_tools, () => _lastStart?.Tools);

    /// <summary>The MCP servers with what is known about them.</summary>
    public IReadOnlyDictionary<string, string?> McpServers => With(_servers, () => _lastStart?.McpServers.Select(server => server.Name));

    /// <summary>The skills with their descriptions.</summary>
    public IReadOnlyDictionary<string, string?> Skills => With(_skills, () => null);

    /// <summary>The labels that were used.</summary>
    public IReadOnlyDictionary<string, string?> Labels => With(_labels, () => null);

    /// <summary>The checkpoints, newest first, with the beginnings of their prompts.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Checkpoints =>
        Locked(() => (KeyValuePair<string, string?>[])[.. _checkpoints.OrderByDescending(checkpoint => checkpoint.Key, StringComparer.Ordinal)]);

    /// <summary>Remembers the name of an object that a cmdlet writes, if it has one.</summary>
    public void Note(object? written)
    {
        switch (written)
        {
            case AmpThread thread:
                NoteThread(thread.Id, thread.Title, thread.Updated);
                break;
            case ToolInfo tool:
                NoteName(_tools, tool.Name, tool.Description);
                break;
            case McpServerEntry server:
                NoteName(_servers, server.Name, server.Command ?? server.Url);
                break;
            case AmpSkill skill:
                NoteName(_skills, skill.Name, skill.Description);
                break;
            case AmpCheckpoint checkpoint:
                NoteName(_checkpoints, checkpoint.Id, checkpoint.Prompt);
                break;
            case ResultMessage { CheckpointId: string id }:
                NoteName(_checkpoints, id, null);
                break;
            case SystemMessage start:
                // Its content is read on demand, so that a run does not pay for it.
                _lastStart = start;
                break;
        }
    }

    /// <summary>Remembers a thread. Unknown values do not replace known ones.</summary>
    public void NoteThread(string id, string? title, DateTimeOffset? time) => Locked(() =>
    {
        SeenThread? before = _threads.GetValueOrDefault(id);
        _threads[id] = new SeenThread(id, title ?? before?.Title, time ?? DateTimeOffset.Now);
        if (_threads.Count > MostThreads)
        {
            foreach (SeenThread old in _threads.Values.OrderBy(thread => thread.Time).Take(MostThreads / 2).ToArray())
            {
                _threads.Remove(old.Id);
            }
        }

        return true;
    });

    /// <summary>Remembers labels.</summary>
    public void NoteLabels(IEnumerable<string>? labels)
    {
        foreach (string label in labels ?? [])
        {
            NoteName(_labels, label, null);
        }
    }

    /// <summary>Forgets a deleted thread.</summary>
    public void ForgetThread(string id) => Locked(() => _threads.Remove(id));

    /// <summary>Forgets a removed skill.</summary>
    public void ForgetSkill(string name) => Locked(() => _skills.Remove(name));

    /// <summary>Forgets a removed checkpoint.</summary>
    public void ForgetCheckpoint(string id) => Locked(() => _checkpoints.Remove(id));

    /// <summary>Forgets a removed server.</summary>
    public void ForgetServer(string name) => Locked(() => _servers.Remove(name));

    private void NoteName(Dictionary<string, string?> names, string? name, string? description) =>
        Locked(() => name is { Length: > 0 } && (names.Count < MostNames || names.ContainsKey(name)) && (names[name] = description) is not null);

    private Dictionary<string, string?> With(Dictionary<string, string?> names, Func<IEnumerable<string?>?> others)
    {
        Dictionary<string, string?> result = Locked(() => new Dictionary<string, string?>(names, names.Comparer));
        foreach (string name in (others() ?? []).OfType<string>().Take(MostNames))
        {
            result.TryAdd(name, null);
        }

        return result;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
        {
            return work();
        }
    }
}

/// <summary>A thread that was written or used in this runspace.</summary>
/// <param name="Id">The ID of the thread.</param>
/// <param name="Title">The title; null if it is unknown.</param>
/// <param name="Time">The time of the last change, if known.</param>
internal sealed record SeenThread(string Id, string? Title, DateTimeOffset Time);

namespace Amp.PowerShell.State;

/// <summary>
/// The names that have passed through a runspace, for offering them to somebody who types: threads, tools, MCP servers, skills and labels.
/// It keeps a limited number of each, and nothing of a name's meaning.
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
    private SystemMessage? _lastStart;

    /// <summary>The threads, those that were changed last first.</summary>
    public IReadOnlyList<SeenThread> Threads => Locked(() => (SeenThread[])[.. _threads.Values.OrderByDescending(thread => thread.Time)]);

    /// <summary>The tools with what they do, where that is known.</summary>
    public IReadOnlyDictionary<string, string?> Tools => With(_tools, () => _lastStart?.Tools);

    /// <summary>The MCP servers with what is known of each.</summary>
    public IReadOnlyDictionary<string, string?> McpServers => With(_servers, () => _lastStart?.McpServers.Select(server => server.Name));

    /// <summary>The skills with what they are for.</summary>
    public IReadOnlyDictionary<string, string?> Skills => With(_skills, () => null);

    /// <summary>The labels that were given.</summary>
    public IReadOnlyDictionary<string, string?> Labels => With(_labels, () => null);

    /// <summary>Remembers the name of what a cmdlet writes, where it has one to remember.</summary>
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
            case SystemMessage start:
                // What is in it is read when somebody asks: a run does not pay for it.
                _lastStart = start;
                break;
        }
    }

    /// <summary>Remembers a thread. What is not known of it now does not hide what was known before.</summary>
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

    /// <summary>Forgets a thread that is there no more.</summary>
    public void ForgetThread(string id) => Locked(() => _threads.Remove(id));

    /// <summary>Forgets a skill that is there no more.</summary>
    public void ForgetSkill(string name) => Locked(() => _skills.Remove(name));

    /// <summary>Forgets a server that is there no more.</summary>
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

/// <summary>A thread that was written or worked on in this runspace.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Title">Its title; null where it is not known.</param>
/// <param name="Time">When it was last changed, as far as that is known.</param>
internal sealed record SeenThread(string Id, string? Title, DateTimeOffset Time);

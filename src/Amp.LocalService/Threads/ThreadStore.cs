using System.Text.Json;

namespace Amp.LocalService.Threads;

/// <summary>The threads of the service, in memory and, where a folder is given, on disk.</summary>
internal sealed class ThreadStore
{
    private readonly object _lock = new();
    private readonly Dictionary<string, StoredThread> _threads = new(StringComparer.Ordinal);
    private readonly ThreadFiles? _files;

    public ThreadStore(string? folder)
    {
        _files = folder is null ? null : new ThreadFiles(folder);
        foreach (StoredThread thread in _files?.Load() ?? [])
        {
            _threads[thread.Id] = thread;
        }
    }

    /// <summary>All threads, the last changed one first.</summary>
    public IReadOnlyList<StoredThread> Snapshot()
    {
        lock (_lock)
        {
            return _threads.Values.OrderByDescending(thread => thread.UpdatedAt).ToArray();
        }
    }

    public StoredThread? Find(string? id)
    {
        lock (_lock)
        {
            return id is null ? null : _threads.GetValueOrDefault(id);
        }
    }

    /// <summary>Takes in what the CLI uploads; false where it is not a thread.</summary>
    public bool Upload(JsonElement json)
    {
        if (ThreadReader.Read(json, DateTimeOffset.UtcNow) is not { } thread)
        {
            return false;
        }

        lock (_lock)
        {
            if (!_threads.TryGetValue(thread.Id, out StoredThread? known))
            {
                Put(thread);
            }
            else if (thread.Version >= known.Version)
            {
                Put(thread with { Visibility = known.Visibility, SharedGroupIds = known.SharedGroupIds, Labels = known.Labels });
            }
        }

        return true;
    }

    /// <summary>Changes a thread; false where there is none of this ID.</summary>
    public bool Change(string? id, Func<StoredThread, StoredThread> change)
    {
        lock (_lock)
        {
            if (Find(id) is not { } thread)
            {
                return false;
            }

            Put(change(thread) with { UpdatedAt = DateTimeOffset.UtcNow });
            return true;
        }
    }

    /// <summary>Takes in a new state of a thread that the service itself keeps; what is not part of its JSON stays.</summary>
    public void Replace(JsonElement json)
    {
        if (ThreadReader.Read(json, DateTimeOffset.UtcNow) is not { } thread)
        {
            return;
        }

        Change(thread.Id, known => thread with
        {
            Visibility = known.Visibility,
            SharedGroupIds = known.SharedGroupIds,
            Labels = known.Labels,
            IsArchived = known.IsArchived,
        });
    }

    public bool Delete(string? id)
    {
        lock (_lock)
        {
            if (id is null || !_threads.Remove(id))
            {
                return false;
            }

            _files?.Delete(id);
            return true;
        }
    }

    private void Put(StoredThread thread)
    {
        _threads[thread.Id] = thread;
        _files?.Save(thread);
    }
}

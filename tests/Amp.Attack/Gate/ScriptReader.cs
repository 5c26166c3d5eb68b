using System.Collections.Concurrent;

namespace Amp.Attack.Gate;

/// <summary>Reads mutated scripts on a thread of its own, which has no session, as the process that reads them for a run.</summary>
internal sealed class ScriptReader : IDisposable
{
    private const int StackBytes = 32 * 1024 * 1024;

    private readonly BlockingCollection<(int Number, string Script)> _letThrough = new(256);
    private readonly CancellationTokenSource _stop = new();
    private readonly MutatedScripts _scripts;
    private readonly int _first;
    private readonly int _count;
    private readonly int _runOneIn;
    private Exception? _failure;

    public ScriptReader(MutatedScripts scripts, int first, int count, int runOneIn)
    {
        _scripts = scripts;
        _first = first;
        _count = count;
        _runOneIn = runOneIn;
    }

    /// <summary>How many were read.</summary>
    public int Read { get; private set; }

    /// <summary>How many of them were let through.</summary>
    public int Passed { get; private set; }

    /// <summary>Those that are to be run, as they come.</summary>
    /// <exception cref="AttackFailureException">One was let through that must not be, or the reading itself broke.</exception>
    public IEnumerable<(int Number, string Script)> LetThrough()
    {
        Thread reading = new(ReadAll, StackBytes) { IsBackground = true };
        reading.Start();
        foreach ((int Number, string Script) script in _letThrough.GetConsumingEnumerable())
        {
            yield return script;
        }

        reading.Join();
        if (_failure is not null)
        {
            throw new AttackFailureException("gate", _scripts.Seed, _first + Read, _failure.Message, _scripts.Of(_first + Read), _failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Cancel();

    private void ReadAll()
    {
        try
        {
            for (; Read < _count; Read++)
            {
                string script = _scripts.Of(_first + Read);
                if (!ReadScript.IsLetThrough(script))
                {
                    continue;
                }

                if (Passed++ % _runOneIn == 0)
                {
                    _letThrough.Add((_first + Read, script), _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _failure = exception;
        }
        catch (OperationCanceledException)
        {
            // One of the scripts has failed.
        }
        finally
        {
            _letThrough.CompleteAdding();
        }
    }
}

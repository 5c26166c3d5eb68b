using System.Globalization;
using System.Text;
using Amp.Processes;
using Amp.Transports;

namespace Amp.Ssh;

/// <summary>
/// The standard error of a connection. What comes before the first line of the script is not the CLI's, and neither are the script's own words: what programs
/// there say to this process, and at the end what was changed, and the exit code of the CLI.
/// </summary>
internal sealed class HostErrors : SequentialStream
{
    private const int MostNoise = 64 * 1024;
    private const int LongestWords = 16 * 1024;
    private const int LargestFile = 1024 * 1024;

    private readonly Stream _stream;
    private readonly byte[] _first;
    private readonly byte[] _word;
    private readonly MemoryStream _noise = new();
    private readonly List<HostFile> _changedSettings = [];
    private readonly TaskCompletionSource<ProcessExit?> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _held = [];
    private int _before;
    private int _endingSigns;

    /// <param name="stream">The standard error of the SSH client.</param>
    /// <param name="marker">Begins the lines of the script.</param>
    public HostErrors(Stream stream, string marker)
    {
        _stream = stream;
        _first = Encoding.ASCII.GetBytes($"{marker}\n");
        _word = WordOf(marker);
        Begun = BeginAsync();
    }

    /// <summary>What a line with a marker begins with, and the line before it ends with.</summary>
    public static byte[] WordOf(string marker) => Encoding.ASCII.GetBytes($"\n{marker} ");

    /// <summary>Completes when the script has begun, or when the stream has ended without it.</summary>
    public Task Begun { get; }

    /// <summary>Completes with the exit of the CLI as the host told it, or with null when the stream has ended without it.</summary>
    public Task<ProcessExit?> Told => _told.Task;

    /// <summary>Completes when the host has begun to end everything of the run, as it was told.</summary>
    public Task Ending => _ending.Task;

    /// <summary>How often the host has said that it is ending the run. The number increases while processes are left.</summary>
    public int EndingSigns => Volatile.Read(ref _endingSigns);

    /// <summary>Gets what programs of the host say to this process; null if there are none.</summary>
    public HostRelay? Relay { get; set; }

    /// <summary>A file of the run that was not the one that was sent when the CLI had ended; null if there is none.</summary>
    public string? ChangedFile { get; private set; }

    /// <summary>The settings of the workspace and the user that were changed, without content if they cannot be read, and empty if they were removed.</summary>
    public IReadOnlyList<HostFile> ChangedSettings => _changedSettings;

    /// <summary>Whether the host could not write what was sent.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether the host has ended the run because programs there could not talk with this process anymore.</summary>
    public bool IsLost { get; private set; }

    /// <summary>What was written before the script began.</summary>
    public string Noise
    {
        get
        {
            lock (_noise)
            {
                return Encoding.UTF8.GetString(_noise.GetBuffer(), 0, (int)_noise.Length);
            }
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Begun.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (!_told.Task.IsCompleted)
        {
            int free = Free();
            if (free > 0)
            {
                return Give(free, buffer);
            }

            if (TakeWord())
            {
                continue;
            }

            byte[] more = new byte[16 * 1024];
            int read = await _stream.ReadAsync(more, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                End(null);
                break;
            }

            _held = [.. _held, .. more[..read]];
        }

        return Give(_held.Length, buffer);
    }

    // The bytes that are certainly the CLI's.
    private int Free() => Restore() ? Math.Min(Before(_word, _held), Relay is HostRelay relay ? Before(relay.Word, _held) : int.MaxValue) : 0;

    // How much is certainly before a word.
    private static int Before(ReadOnlySpan<byte> word, ReadOnlySpan<byte> held)
    {
        int at = held.IndexOf(word);
        return at >= 0 ? at : held.Length - Partial(word, held);
    }

    // How much of a word is at the end.
    private static int Partial(ReadOnlySpan<byte> word, ReadOnlySpan<byte> held)
    {
        for (int length = Math.Min(word.Length - 1, held.Length); length > 0; length--)
        {
            if (held.EndsWith(word[..length]))
            {
                return length;
            }
        }

        return 0;
    }

    // A line of the relay can have taken the beginning of a word of the script, which is whole only with it. False if that is not known yet.
    private bool Restore()
    {
        if (_before == 0 || _held.Length == 0)
        {
            return true;
        }

        ReadOnlySpan<byte> rest = _word.AsSpan(_before);
        if (_held.Length < rest.Length && rest.StartsWith(_held))
        {
            return false;
        }

        if (_held.AsSpan().StartsWith(rest))
        {
            _held = [.. _word.AsSpan(0, _before), .. _held];
        }

        _before = 0;
        return true;
    }

    // Takes a line with its content. False if more of it is to come.
    private bool TakeWord() => Restore() && (_held.AsSpan().StartsWith(_word) ? TakeOwn() : Relay is HostRelay relay && _held.AsSpan().StartsWith(relay.Word) && TakeRelayed(relay));

    // The agent can read the marker of the relay, so a line of it can be anybody's. It must not hide what the script says.
    private bool TakeRelayed(HostRelay relay)
    {
        int own = _held.AsSpan().IndexOf(_word);
        int next = RelayedLength(relay.Word.Length, out string[] words, out int start);
        if (own >= 0 && (next < 0 || own < next))
        {
            _held = _held[own..];
            return true;
        }

        if (next < 0)
        {
            return false;
        }

        switch (words)
        {
            case ["full"]:
                IsFull = true;
                relay.Stop();
                break;
            case ["open", string id, string program]:
                relay.Open(id, program);
                break;
            case ["shut", string id]:
                relay.Close(id);
                break;
            case ["data", string id, _]:
                relay.Receive(id, _held[start..next]);
                break;
        }

        _before = Partial(_word, _held.AsSpan(0, next));
        _held = _held[next..];
        return true;
    }

    // The length of a line of the relay with its content, which begins at start; -1 if more of it is to come.
    private int RelayedLength(int from, out string[] words, out int start)
    {
        int end = _held.AsSpan(from).IndexOf((byte)'\n');
        words = [];
        start = end < 0 ? _held.Length : from + end + 1;
        if (end < 0)
        {
            return _held.Length < LongestWords ? -1 : start;
        }

        words = Encoding.UTF8.GetString(_held, from, end).Split(' ');
        int length = start + (words is ["data", _, string size] && Number(size) is int count and <= LongestWords ? count : 0);
        return _held.Length < length ? -1 : length;
    }

    // Takes a line of the script, which nobody else can write: its marker is in no file of the host.
    private bool TakeOwn()
    {
        int end = _held.AsSpan(_word.Length).IndexOf((byte)'\n');
        if (end < 0 && _held.Length < LongestWords)
        {
            return false;
        }

        int next = end < 0 ? _held.Length : _word.Length + end + 1;
        string[] words = Encoding.UTF8.GetString(_held, _word.Length, next - _word.Length).TrimEnd('\n').Split(' ', 4);
        switch (words)
        {
            case ["exit", string text] when Number(text) is int code:
                _held = [];
                End(ProcessExit.FromShell(code));
                return true;
            case ["full"]:
                IsFull = true;
                Relay?.End();
                break;
            case ["ending"]:
                Interlocked.Increment(ref _endingSigns);
                _ending.TrySetResult();
                break;
            case ["lost"]:
                IsLost = true;
                break;
            case ["changed", string name, string size, string path]:
                int length = Number(size) is int given and <= LargestFile ? given : 0;
                if (_held.Length < next + length)
                {
                    return false;
                }

                ChangedFile = name == "-" ? ChangedFile : name;
                if (size != "-")
                {
                    // Without the type, null would become an empty content.
                    _changedSettings.Add(new HostFile(path, Number(size) is <= LargestFile ? _held.AsMemory(next, length) : (ReadOnlyMemory<byte>?)null));
                }

                next += length;
                break;
        }

        _held = _held[next..];
        return true;
    }

    private void End(ProcessExit? exit)
    {
        _told.TrySetResult(exit);
        Relay?.End();
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private int Give(int count, Memory<byte> buffer)
    {
        count = Math.Min(count, buffer.Length);
        _held.AsSpan(0, count).CopyTo(buffer.Span);
        _held = _held[count..];
        return count;
    }

    private async Task BeginAsync()
    {
        byte[] buffer = new byte[4096];
        byte[] seen = [];
        try
        {
            int read;
            while ((read = await _stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                seen = [.. seen, .. buffer[..read]];
                int at = seen.AsSpan().IndexOf(_first);
                if (at >= 0)
                {
                    Keep(seen.AsSpan(0, at));
                    _held = seen[(at + _first.Length)..];
                    return;
                }

                int rest = Math.Max(0, seen.Length - _first.Length);
                Keep(seen.AsSpan(0, rest));
                seen = seen[rest..];
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The connection was closed from this side.
        }

        Keep(seen);
        _told.TrySetResult(null);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_noise)
        {
            _noise.Write(bytes[..(int)Math.Min(bytes.Length, MostNoise - _noise.Length)]);
        }
    }
}

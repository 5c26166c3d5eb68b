using System.Globalization;
using System.Text;

namespace Amp.Ssh;

/// <summary>What the script on the host reports before the CLI starts: lines of a key and a value, some with content after them.</summary>
internal sealed class HostReport : IDisposable
{
    private const int MostNoise = 1024 * 1024;
    private const int LongestPart = 20 * 1024 * 1024;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _parts = new(StringComparer.Ordinal);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly MemoryStream _noise = new();
    private readonly Stream _stream;
    private int _start;
    private int _end;

    public HostReport(Stream stream) => _stream = stream;

    /// <summary>What the host has written before the first line of the script, such as a profile's words.</summary>
    public string Noise => Encoding.UTF8.GetString(_noise.GetBuffer(), 0, (int)_noise.Length);

    /// <summary>Why there can be no run, as a word and what it is about; null if there can be one.</summary>
    public (string Reason, string About)? Refusal { get; private set; }

    /// <summary>Gets a value; empty if there is none.</summary>
    public string this[string key] => _values.GetValueOrDefault(key, string.Empty);

    /// <summary>Gets a content; null if there is none.</summary>
    public byte[]? Part(string key) => _parts.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Dispose() => _noise.Dispose();

    /// <summary>Reads until the script begins to write.</summary>
    /// <returns>False if the connection has ended before.</returns>
    public async Task<bool> FindAsync(string marker, CancellationToken cancellationToken)
    {
        byte[] sought = Encoding.ASCII.GetBytes(marker);
        while (await LineAsync(MostNoise, cancellationToken).ConfigureAwait(false) is byte[] line)
        {
            // A prompt or a word without a line end may stand before it.
            if (line.AsSpan().EndsWith(sought))
            {
                return true;
            }

            if (_noise.Length + line.Length > MostNoise)
            {
                return false;
            }

            _noise.Write(line);
            _noise.WriteByte((byte)'\n');
        }

        _noise.Write(_buffer, _start, _end - _start);
        return false;
    }

    /// <summary>Reads what the script reports.</summary>
    /// <returns>False if the connection has ended before the report has.</returns>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (await LineAsync(LongestPart, cancellationToken).ConfigureAwait(false) is byte[] bytes)
        {
            string line = Encoding.UTF8.GetString(bytes);
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            string key = blank < 0 ? line : line[..blank];
            string value = blank < 0 ? string.Empty : line[(blank + 1)..];
            switch (key)
            {
                case "ready":
                    return true;
                case "fail":
                    int end = value.IndexOf(' ', StringComparison.Ordinal);
                    Refusal = end < 0 ? (value, string.Empty) : (value[..end], value[(end + 1)..]);
                    return true;
                case "version" or "help" or "user" or "workspace":
                    int size = value.IndexOf(' ', StringComparison.Ordinal);
                    _values[key] = size < 0 ? string.Empty : value[(size + 1)..];
                    if (int.TryParse(size < 0 ? value : value[..size], NumberStyles.None, CultureInfo.InvariantCulture, out int length))
                    {
                        if (length > LongestPart || await PartAsync(length, cancellationToken).ConfigureAwait(false) is not byte[] part)
                        {
                            return false;
                        }

                        _parts[key] = part;
                    }

                    break;
                default:
                    _values[key] = value;
                    break;
            }
        }

        return false;
    }

    private async Task<byte[]?> LineAsync(int longest, CancellationToken cancellationToken)
    {
        MemoryStream line = new();
        while (true)
        {
            int end = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            line.Write(_buffer, _start, (end < 0 ? _end : end) - _start);
            if (end >= 0)
            {
                _start = end + 1;
                return line.ToArray();
            }

            _start = _end;
            if (line.Length > longest || !await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                _noise.Write(line.GetBuffer(), 0, (int)Math.Min(line.Length, MostNoise));
                return null;
            }
        }
    }

    private async Task<byte[]?> PartAsync(int length, CancellationToken cancellationToken)
    {
        byte[] part = new byte[length];
        int read = 0;
        while (read < length)
        {
            if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            int count = Math.Min(length - read, _end - _start);
            Array.Copy(_buffer, _start, part, read, count);
            read += count;
            _start += count;
        }

        // The line end after it.
        return await LineAsync(LongestPart, cancellationToken).ConfigureAwait(false) is null ? null : part;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _start = 0;
        _end = 0;
        try
        {
            _end = await _stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The connection was closed from this side.
        }

        return _end > 0;
    }
}

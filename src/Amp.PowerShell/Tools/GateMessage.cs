using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Messages between this process and the process that runs a script of the agent: JSON, one per line, with limited length.
/// </summary>
internal sealed class GateMessage : IDisposable
{
    // Data from the other process must not exhaust the memory of this one.
    private const int LongestLine = 32 * 1024 * 1024;

    // By default, a character that is not ASCII takes six, and so does each one that has a meaning in HTML.
    private static readonly JsonSerializerOptions s_options = new() { MaxDepth = 64, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = 64 };

    private readonly TextReader _reader;
    private readonly TextWriter _writer;
    private readonly char[] _buffer = new char[16 * 1024];
    private int _start;
    private int _end;

    public GateMessage(Stream input, Stream output)
    {
        UTF8Encoding encoding = new(encoderShouldEmitUTF8Identifier: false);
        _reader = new StreamReader(input, encoding);
        _writer = new StreamWriter(output, encoding) { AutoFlush = false, NewLine = "\n" };
    }

    /// <summary>Sends a message. Returns false, and sends nothing, if it is longer than the other process reads.</summary>
    /// <exception cref="IOException">The other process has exited.</exception>
    public bool Send(JsonObject message)
    {
        string line = message.ToJsonString(s_options);
        if (line.Length > LongestLine)
        {
            return false;
        }

        _writer.WriteLine(line);
        _writer.Flush();
        return true;
    }

    /// <summary>Waits for a message. Returns null if the other process has exited or sends an invalid message.</summary>
    public JsonElement? Receive()
    {
        StringBuilder line = new();
        while (true)
        {
            if (_start == _end)
            {
                _start = 0;
                try
                {
                    _end = _reader.Read(_buffer, 0, _buffer.Length);
                }
                catch (Exception exception) when (exception is IOException or ObjectDisposedException)
                {
                    _end = 0;
                }

                if (_end == 0)
                {
                    return null;
                }
            }

            int length = Array.IndexOf(_buffer, '\n', _start, _end - _start) - _start;
            bool isWhole = length >= 0;
            line.Append(_buffer, _start, isWhole ? length : _end - _start);
            _start = isWhole ? _start + length + 1 : _end;
            if (line.Length > LongestLine)
            {
                return null;
            }

            if (isWhole)
            {
                return Parse(line.ToString());
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        try
        {
            _writer.Dispose();
        }
        catch (IOException)
        {
            // The remaining output has no receiver.
        }
    }

    private static JsonElement? Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, s_reading);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.LocalService.Model;

/// <summary>The last model requests, in memory and, where asked for, as JSON lines in a file.</summary>
internal sealed class RequestLog : IDisposable
{
    private const long MostCharacters = 64 * 1024 * 1024;

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly object _lock = new();
    private readonly Queue<ModelRequest> _requests = new();
    private readonly int _limit;
    private readonly StreamWriter? _writer;
    private long _characters;
    private int _lastNumber;

    public RequestLog(int limit, string? recordPath)
    {
        _limit = limit;
        _writer = recordPath is null ? null : Open(recordPath);
    }

    public IReadOnlyList<ModelRequest> Snapshot()
    {
        lock (_lock)
        {
            return _requests.ToArray();
        }
    }

    /// <summary>Gives the request its number and keeps it.</summary>
    public ModelRequest Add(ModelRequest request)
    {
        lock (_lock)
        {
            request = request with { Number = ++_lastNumber };
            _requests.Enqueue(request);
            _characters += request.RawJson.Length;
            while (_requests.Count > _limit || (_characters > MostCharacters && _requests.Count > 1))
            {
                _characters -= _requests.Dequeue().RawJson.Length;
            }

            if (_writer is not null)
            {
                JsonObject line = JsonSerializer.SerializeToNode(request, s_options)!.AsObject();
                line["request"] = JsonNode.Parse(request.RawJson);
                _writer.WriteLine(line.ToJsonString(s_options));
            }

            return request;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _writer?.Dispose();
        }
    }

    private static StreamWriter Open(string path)
    {
        bool isFolder = Directory.Exists(path) || Path.EndsInDirectorySeparator(path) || !Path.HasExtension(path);
        string file = Path.GetFullPath(isFolder ? Path.Combine(path, "requests.jsonl") : path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(file, options) { AutoFlush = true };
    }
}

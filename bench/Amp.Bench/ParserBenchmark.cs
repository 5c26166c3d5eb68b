using System.Text;
using Amp.Messages;
using BenchmarkDotNet.Attributes;

namespace Amp.Bench;

/// <summary>The parser alone: one line to one message, and what reading its content then costs.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class ParserBenchmark
{
    private readonly MessageParser _parser = new();
    private byte[] _line = [];

    /// <summary>The kind of line.</summary>
    [Params("assistant", "user", "result")]
    public string Kind { get; set; } = string.Empty;

    /// <summary>Takes a line of that kind from the recorded stream.</summary>
    [GlobalSetup]
    public void TakeLine()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        RecordedStream.Write(path, messages: 40, seed: 1);
        _line = Encoding.UTF8.GetBytes(File.ReadLines(path).Last(line => line.StartsWith($$"""{"type":"{{Kind}}""", StringComparison.Ordinal)));
        File.Delete(path);
    }

    /// <summary>What a run pays for every line.</summary>
    [Benchmark(Baseline = true)]
    public StreamMessage Parse() => _parser.Parse(_line);

    /// <summary>The same, with everything that the message holds asked for.</summary>
    [Benchmark]
    public object? ParseAndRead() => _parser.Parse(_line) switch
    {
        AssistantMessage assistant => (assistant.Text, assistant.ToolUse.Select(use => use.Input).ToArray()),
        UserMessage user => user.Content.OfType<ToolResultContent>().Select(result => result.Content).ToArray(),
        ResultMessage result => result.Result,
        StreamMessage other => other.Type,
    };
}

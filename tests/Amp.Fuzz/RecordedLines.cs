using System.Text;
using Amp.Testing;

namespace Amp.Fuzz;

/// <summary>The lines of the recorded streams, and lines of kinds that no recording holds.</summary>
internal static class RecordedLines
{
    /// <summary>The field by which a line that was left whole is known again.</summary>
    public const string Serial = "fuzzSerial";

    private static readonly string[] s_more =
    [
        """{"type":"result","subtype":"error_max_turns","duration_ms":12,"is_error":true,"num_turns":3,"error":"too many","session_id":"T-1","permission_denials":["Bash"],"usage":{"input_tokens":1,"output_tokens":2}}""",
        """{"type":"system","subtype":"error_during_execution","error":"gone","session_id":"T-1"}""",
        """{"type":"assistant","message":{"type":"message","role":"assistant","content":[{"type":"tool_use","id":"t1","name":"create_file","input":{"path":"a.txt","content":"é€😀"}},{"type":"image","source":{"data":"AAAA"}}],"stop_reason":"tool_use","usage":{"input_tokens":9223372036854775807,"output_tokens":2.5,"cache_read_input_tokens":"7"}},"parent_tool_use_id":"p1","session_id":"T-1"}""",
        """{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"Tool execution rejected by user","is_error":true}]},"session_id":"T-1"}""",
        """{"type":"rate_limit_event","limits":[{"A":1,"a":2}],"session_id":"T-1"}""",
    ];

    public static IReadOnlyList<byte[]> All { get; } =
    [
        .. Directory.EnumerateFiles(RepositoryLayout.Transcripts, "*.jsonl").Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines).Concat(s_more).Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>A line with a serial number as its last field.</summary>
    public static byte[] Numbered(byte[] line, long number) =>
        [.. line.AsSpan(0, line.Length - 1), .. Encoding.UTF8.GetBytes($",\"{Serial}\":{number}}}")];
}

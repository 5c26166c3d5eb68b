using Amp.Testing;

namespace Amp.Sdk.Tests.Support;

/// <summary>The recorded streams of the real CLI.</summary>
internal static class Transcripts
{
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory.EnumerateFiles(RepositoryLayout.Transcripts, "*.jsonl")
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> AllNames => [.. Names];

    public static string[] Lines(string name) => File.ReadAllLines(Path.Combine(RepositoryLayout.Transcripts, name + ".jsonl"));

    public static List<StreamMessage> Messages(string name) => [.. Lines(name).Select(Parsed.Line)];
}

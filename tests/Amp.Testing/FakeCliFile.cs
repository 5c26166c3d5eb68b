using System.Text.Json;

namespace Amp.Testing;

/// <summary>A file that a call pointed the fake CLI to.</summary>
/// <param name="Source">The option or variable that named it.</param>
/// <param name="Path">Its full path.</param>
/// <param name="Content">Its text at the start, or null where it was not there.</param>
/// <param name="Mode">Its Unix mode in octal digits, or null on Windows.</param>
/// <param name="FolderMode">The mode of the folder it lies in.</param>
public sealed record FakeCliFile(string Source, string Path, string? Content, string? Mode, string? FolderMode)
{
    internal static FakeCliFile Read(JsonElement file) => new(
        file.GetProperty("source").GetString()!,
        file.GetProperty("path").GetString()!,
        file.GetProperty("content").GetString(),
        file.GetProperty("mode").GetString(),
        file.GetProperty("folderMode").GetString());
}

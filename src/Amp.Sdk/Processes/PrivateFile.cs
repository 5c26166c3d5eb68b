namespace Amp.Processes;

/// <summary>A file that is written for the length of one run, readable by nobody else.</summary>
/// <param name="Name">The file's name in the run's private folder.</param>
/// <param name="Content">What is in it.</param>
/// <param name="IsProgram">Whether it can be run, by its owner alone.</param>
internal sealed record PrivateFile(string Name, ReadOnlyMemory<byte> Content, bool IsProgram = false);

using Amp.Processes;

namespace Amp.Plans;

/// <summary>One argument of a run; that of a private file is complete only when the run's folder exists.</summary>
internal readonly record struct RunArgument(string Text, PrivateFile? File = null)
{
    public string In(string? folder) => File is null ? Text : Text + Path.Combine(folder!, File.Name);

    /// <summary>How it is shown before there is a folder.</summary>
    public override string ToString() => File is null ? Text : $"{Text}<private {File.Name}>";
}

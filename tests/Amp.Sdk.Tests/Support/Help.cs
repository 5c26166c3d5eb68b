using Amp.Testing;

namespace Amp.Sdk.Tests.Support;

/// <summary>The help texts of six real builds.</summary>
internal static class Help
{
    public static string Text(string date) =>
        File.ReadAllText(Path.Combine(RepositoryLayout.Root, "tests", "Amp.FakeCli", "help", date + ".txt"));

    public static CliCapabilities Of(string date) => CliCapabilities.Parse(Text(date));

    /// <summary>A CLI of that build.</summary>
    public static AmpCli Cli(string date) =>
        new(new CliProgram("/opt/amp", "/opt/amp", null, CliForm.Native, CliSource.Explicit), $"0.0.1-g{date}", null, Of(date));
}

namespace Amp.LocalService.Scenarios;

/// <summary>A text is no scenario.</summary>
public sealed class ScenarioFormatException : FormatException
{
    /// <summary>Names the file, the place in it and the reason.</summary>
    public ScenarioFormatException(string source, string jsonPath, string reason, Exception? innerException = null)
        : base($"{source}: {jsonPath}: {reason}", innerException)
    {
        ScenarioSource = source;
        JsonPath = jsonPath;
        Reason = reason;
    }

    /// <summary>The file, or the name the text was read under.</summary>
    public string ScenarioSource { get; }

    /// <summary>The place, such as <c>$.rules[0].when.prompt</c>.</summary>
    public string JsonPath { get; }

    /// <summary>What is wrong there.</summary>
    public string Reason { get; }
}

using System.Text;
using Amp.Messages;

namespace Amp.Sdk.Tests.Support;

/// <summary>Parses single lines.</summary>
internal static class Parsed
{
    public static StreamMessage Line(string json) => Bytes(Encoding.UTF8.GetBytes(json));

    public static StreamMessage Bytes(byte[] json) => new MessageParser().Parse(json);

    public static T Line<T>(string json)
        where T : StreamMessage => Assert.IsType<T>(Line(json));

    /// <summary>An assistant's message with this content, given as JSON.</summary>
    public static AssistantMessage Assistant(string contentJson) =>
        Line<AssistantMessage>($$$"""{"type":"assistant","message":{"role":"assistant","content":{{{contentJson}}}},"session_id":"T-1"}""");

    /// <summary>The one block of an assistant's message.</summary>
    public static T Block<T>(string blockJson)
        where T : ContentBlock => Assert.IsType<T>(Assert.Single(Assistant($"[{blockJson}]").Content));
}

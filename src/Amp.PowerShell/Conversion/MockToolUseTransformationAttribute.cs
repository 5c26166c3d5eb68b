using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>Accepts tool calls of a mocked agent as hashtables, and names of tools.</summary>
internal sealed class MockToolUseTransformationAttribute : ObjectTransformationAttribute
{
    /// <summary>Whether the calls are denied.</summary>
    public bool IsDenied { get; init; }

    private protected override Array ToArray(IEnumerable<object?> items) => items.Cast<MockToolUse>().ToArray();

    private protected override bool IsDone(object? item) => item is MockToolUse;

    private protected override object? Make(SessionState session, object? item, int index)
    {
        const string Rule = "Rejected by user permissions rule";
        if (PlainValue.Unwrap(item) is string tool)
        {
            return new MockToolUse(tool) { DeniedReason = IsDenied ? Rule : null };
        }

        GivenObject call = GivenObject.Of(
            item,
            $"Call {index + 1}",
            IsDenied ? "Denied" : "ToolUse",
            "Give the name of a tool, or a hashtable: @{ Name = 'Bash'; Input = @{ cmd = 'ls' }; Result = 'a.txt' }.");
        string name = call.Text("Name") ?? throw call.Refuse("has no 'Name'.", "Give the name of the tool.");
        MockToolUse made = new(name, call.Dictionary("Input"))
        {
            Result = PlainValue.Of(call.Take("Result"), call.ParameterName),
            IsError = call.Flag("IsError"),
            Asks = call.Flag("Asks"),
            DeniedReason = call.Text("Reason") ?? (IsDenied ? Rule : null),
        };
        call.RefuseRest("Name, Input, Result, IsError, Asks and Reason");
        return made;
    }
}

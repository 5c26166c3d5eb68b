using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// The texts of an object's views by name: the kind of text, the property, and arguments, as in <c>Of:Title:40</c>. A session in
/// constrained language mode cannot call methods of the module, so the format files read these texts as properties.
/// </summary>
internal sealed class ViewTexts : Hashtable
{
    private static readonly PropertyInfo? s_style = typeof(PSObject).Assembly.GetType("System.Management.Automation.PSStyle")?.GetProperty("Instance");

    private readonly PSObject _item;

    public ViewTexts(PSObject item) => _item = item;

    /// <inheritdoc/>
    public override object? this[object key]
    {
        get => key is string name ? Text(name.Split(':')) : null;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override bool Contains(object key) => key is string;

    /// <inheritdoc/>
    public override bool ContainsKey(object key) => key is string;

    private string? Text(string[] name)
    {
        PSObject? style = Style();
        return name switch
        {
            ["Message"] => MessageView.Of(_item, style),
            ["MessageLine"] => MessageView.Line(_item),
            ["ContentLine"] => ContentView.Line(_item),
            ["ContentLines", string property] => ContentView.Lines(Value(property)),
            ["Of", string property] => Cell.Of(Value(property)),
            ["Of", string property, string width] => Cell.Of(Value(property), Number(width)),
            ["Block", string property] => Cell.Block(Value(property)),
            ["List", string property] => Cell.List(Value(property)),
            ["List", string property, string width] => TextCells.Cut(Cell.List(Value(property)), Number(width)),
            ["Lines", string property] => Cell.Lines(Value(property)),
            ["Fields", string property] => Cell.Fields(Value(property)),
            ["Tree", string property] => Cell.Tree(Value(property)),
            ["Rule", string property] => Cell.Rule(Value(property)),
            ["Time", string property] => Cell.Time(Value(property)),
            ["Time", string property, string estimated] => Cell.Time(Value(property), IsTrue(estimated)),
            ["Moment", string property] => Cell.Time(Value(property)).TrimStart(),
            ["Moment", string property, string estimated] => Cell.Time(Value(property), IsTrue(estimated)).TrimStart(),
            ["State", string property] => Cell.State(Value(property), style),
            ["Flag", string property, string wanted] => Cell.Flag(Value(property), wanted == "True", style),
            ["RuleTool", string width] => Cell.Of(RuleTool, Number(width)),
            ["RuleMatch"] => Value(nameof(AmpPermission.Kind)) is null
                ? Cell.Json(Value(nameof(AmpPermission.Matches)))
                : Cell.Of($"{Value(nameof(AmpPermission.Command))}{Value(nameof(AmpPermission.Path))}"),
            ["ServerLine"] => Cell.Of(string.Join(' ', Server)),
            ["ServerList"] => Cell.List(PSObject.AsPSObject(Server)),
            _ => null,
        };
    }

    private PSObject? RuleTool => Value(nameof(AmpPermission.Kind)) is PSObject kind
        ? PSObject.AsPSObject($"kind {ViewObject.Words(kind)}")
        : Value(nameof(AmpPermission.Tool));

    // Its URL, or its program and arguments.
    private string[] Server => Value("Url") is PSObject url && ViewObject.Words(url) is { Length: > 0 } address
        ? [address]
        :
        [
            Value("Command") is PSObject command ? ViewObject.Words(command) : string.Empty,
            .. ViewObject.Plain(Value("Arguments")) is IEnumerable arguments and not string
                ? arguments.Cast<object?>().Select(argument => argument is null ? string.Empty : ViewObject.Words(argument))
                : [],
        ];

    // The type of $PSStyle, which the reference assembly does not contain.
    private static PSObject? Style() => s_style?.GetValue(null) is object style ? PSObject.AsPSObject(style) : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private bool IsTrue(string property) => ViewObject.Plain(Value(property)) is true;

    // Also for a property of a nested object: "Program.Path".
    private PSObject? Value(string path)
    {
        PSObject? value = _item;
        foreach (string property in path.Split('.'))
        {
            value = value?.Properties[property]?.Value is object found ? PSObject.AsPSObject(found) : null;
        }

        return value;
    }
}

/// <summary>The members that Amp.Types.ps1xml adds to the module's types for their views.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ViewMembers
{
    /// <summary>
    /// Gets the texts of an object. In Amp.Types.ps1xml, this is the member that PowerShell uses for the string form of serialized objects,
    /// which it does not use for these types. It is the only member available to scripts that is not shown, stored or sent.
    /// </summary>
    public static object Texts(PSObject item) => new ViewTexts(item);

    /// <summary>Gets the host of a session; null for this machine.</summary>
    public static string? HostName(PSObject session) => (session?.BaseObject as AmpSession)?.Plan.Transport.HostName;

    /// <summary>Gets the message without colors, if no view is used.</summary>
    public static object Shown(PSObject message) => MessageView.Of(message);
}

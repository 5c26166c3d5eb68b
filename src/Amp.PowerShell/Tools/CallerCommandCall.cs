using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.PowerShell.Tools;

/// <summary>In the process of the script: has the caller's session call a command with data, and returns the resulting data.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CallerCommand")]
internal sealed class CallerCommandCall : PSCmdlet
{
    // PowerShell marks parameter names from a script in this way.
    private const string ParameterMark = "<CommandParameterName>";
    private const int Deepest = 8;

    private readonly JsonArray _input = [];

    [Parameter(Mandatory = true, Position = 0)]
    public string Command { get; set; } = string.Empty;

    [Parameter(Mandatory = true, Position = 1)]
    [AllowEmptyCollection]
    [AllowNull]
    public object?[]? Given { get; set; }

    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>Sends a request to the other process.</summary>
    internal static Func<JsonObject, JsonElement>? Ask { get; set; }

    /// <summary>Whether a command was called with <c>-WhatIf</c>.</summary>
    internal static bool HasPretended { get; set; }

    protected override void ProcessRecord()
    {
        if (MyInvocation.ExpectingInput)
        {
            _input.Add(Plain(InputObject, 0));
        }
    }

    protected override void EndProcessing()
    {
        JsonArray arguments = [];
        foreach (object? given in Given ?? [])
        {
            bool isName = given is PSObject marked && marked.BaseObject is string && marked.Properties[ParameterMark] is not null;
            arguments.Add(isName
                ? new JsonObject { ["name"] = given!.ToString()!.TrimStart('-') }
                : new JsonObject { ["value"] = Plain(given, 0) });
        }

        JsonElement answer = Ask!(new JsonObject { ["kind"] = "call", ["command"] = Command, ["arguments"] = arguments, ["input"] = _input });
        if (answer.GetProperty("pretends").GetBoolean())
        {
            HasPretended = true;
        }

        if (answer.GetProperty("output").GetString() is { Length: > 0 } output)
        {
            WriteObject(WithoutList(PSSerializer.Deserialize(output)), enumerateCollection: true);
        }

        foreach (JsonElement warning in answer.GetProperty("warnings").EnumerateArray())
        {
            WriteWarning(warning.GetString());
        }

        foreach (JsonElement error in answer.GetProperty("errors").EnumerateArray())
        {
            ErrorRecord record = new(new InvalidOperationException(error.GetString()), "CallerCommand", ErrorCategory.NotSpecified, null);
            if (answer.GetProperty("isStopped").GetBoolean())
            {
                ThrowTerminatingError(record);
            }

            WriteError(record);
        }
    }

    private static object? WithoutList(object? data) => data is PSObject wrapped && wrapped.BaseObject is IList list ? list : data;

    private static JsonNode? Plain(object? value, int depth)
    {
        object? plain = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        if (depth > Deepest)
        {
            throw new ArgumentException($"A value is nested more than {Deepest} levels deep.");
        }

        return plain switch
        {
            null => null,
            string text => JsonValue.Create(text),
            bool flag => JsonValue.Create(flag),
            SwitchParameter flag => JsonValue.Create(flag.IsPresent),
            byte or sbyte or short or ushort or int or uint or long => JsonValue.Create(Convert.ToInt64(plain, CultureInfo.InvariantCulture)),
            ulong number => JsonValue.Create(number),
            decimal number => JsonValue.Create(number),
            double number when double.IsFinite(number) => JsonValue.Create(number),
            float number when float.IsFinite(number) => JsonValue.Create(number),
            DateTime time => JsonValue.Create(time.ToString("o", CultureInfo.InvariantCulture)),
            ScriptBlock => throw new ArgumentException("A script block can only be given to the commands that work on objects, such as Where-Object and Select-Object."),
            IDictionary table => Table(table, depth),
            IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Plain(item, depth + 1))]),
            PSObject custom => Properties(custom, depth),
            _ => JsonValue.Create(Convert.ToString(plain, CultureInfo.InvariantCulture)),
        };
    }

    private static JsonObject Table(IDictionary table, int depth)
    {
        JsonObject result = [];
        foreach (DictionaryEntry entry in table)
        {
            result[Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!] = Plain(entry.Value, depth + 1);
        }

        return result;
    }

    private static JsonObject Properties(PSObject item, int depth)
    {
        JsonObject result = [];
        foreach (PSPropertyInfo property in item.Properties)
        {
            result[property.Name] = Plain(property.Value, depth + 1);
        }

        return result;
    }
}

using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Converts objects of the session to data: strings, numbers, times, lists, tables and properties, without code or references to live
/// objects. The agent's scripts get only this data.
/// </summary>
internal sealed class DataSnapshot
{
    /// <summary>The maximum nesting depth of the data.</summary>
    public const int Deepest = 6;

    /// <summary>The maximum number of objects that one call can return, including nested ones.</summary>
    public const int MostObjects = 50_000;

    private const int LongestText = 4 * 1024 * 1024;

    private static readonly string[] s_ofCommands = ["Name", "CommandType", "ModuleName", "Source", "Version"];

    // If a script contains one of these, it may refer to properties that it does not name.
    private static readonly string[] s_wantAll = ["*", "?", "[", "Json", "Csv", "Member"];

    private readonly HashSet<string> _words;
    private int _count;

    /// <param name="words">The words in the script. A property that is not simple is read only if the script may refer to it.</param>
    public DataSnapshot(HashSet<string> words) => _words = words;

    /// <summary>Converts an object to data.</summary>
    /// <exception cref="ArgumentException">The data is too large.</exception>
    public object? Of(object? value) => Of(value, 0);

    /// <summary>Returns whether a property can be read. An alias for a missing property throws.</summary>
    internal static bool IsGettable(PSPropertyInfo property)
    {
        try
        {
            return property.IsGettable;
        }
        catch (ExtendedTypeSystemException)
        {
            return false;
        }
    }

    private object? Of(object? value, int depth)
    {
        object? plain = FormattedOutput.Inside(value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value);
        if (plain is null || Equals(plain, System.Management.Automation.Internal.AutomationNull.Value))
        {
            return null;
        }

        if (++_count > MostObjects)
        {
            throw new ArgumentException($"It returns more than {MostObjects} objects. Ask for fewer.");
        }

        return plain switch
        {
            string text => text.Length <= LongestText ? text : throw new ArgumentException($"It returns a string of more than {LongestText} characters."),
            bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or char => plain,
            DateTime or TimeSpan or Guid or Version or Uri => plain,
            DateTimeOffset time => time.ToString("o", CultureInfo.InvariantCulture),
            SwitchParameter flag => flag.IsPresent,
            Enum name => name.ToString(),
            SecureString or PSCredential => "(secret)",
            byte[] bytes => Convert.ToHexString(bytes),
            Type type => type.FullName,
            ScriptBlock or Delegate or SessionState or EngineIntrinsics or System.Management.Automation.Runspaces.Runspace => null,
            ErrorRecord error => error.Exception.Message,
            Exception exception => exception.Message,
            _ when depth >= Deepest => Text(plain),
            IDictionary table => Table(table, depth),
            IEnumerable list => List(list, depth),
            CommandInfo => Properties(PSObject.AsPSObject(value!), depth, s_ofCommands),
            PSModuleInfo module => module.Name,
            _ => Properties(PSObject.AsPSObject(value!), depth, null),
        };
    }

    private Hashtable Table(IDictionary table, int depth)
    {
        Hashtable result = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            result[Text(entry.Key)] = Of(entry.Value, depth + 1);
        }

        return result;
    }

    private object?[] List(IEnumerable list, int depth)
    {
        List<object?> result = [];
        foreach (object? item in list)
        {
            result.Add(Of(item, depth + 1));
        }

        return [.. result];
    }

    private PSObject Properties(PSObject item, int depth, string[]? names)
    {
        PSObject result = new();
        foreach (PSPropertyInfo property in names is null ? Chosen(item, depth) : names.Select(name => item.Properties[name]).Where(property => property is not null))
        {
            object? value;
            try
            {
                value = property.Value;
            }
            catch (ExtendedTypeSystemException)
            {
                // As in PowerShell's own views, a property that cannot be read is omitted.
                continue;
            }

            result.Properties.Add(new PSNoteProperty(property.Name, Of(value, depth + 1)));
        }

        return result;
    }

    // The displayed properties, those that the script names, and simple ones if the script does not specify properties or there is no
    // display set.
    private IEnumerable<PSPropertyInfo> Chosen(PSObject item, int depth)
    {
        if (FormattedOutput.Columns(item) is IEnumerable<PSPropertyInfo> columns)
        {
            foreach (PSPropertyInfo column in columns)
            {
                yield return column;
            }

            yield break;
        }

        bool wantsAll = _words.Overlaps(s_wantAll);
        bool isCustom = item.BaseObject is PSCustomObject;
        string[] shown = ObjectJson.Shown(item);
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (PSPropertyInfo property in shown.Select(name => item.Properties[name]).Concat(item.Properties))
        {
            if (property is not null && IsGettable(property) && !taken.Contains(property.Name)
                && (isCustom || _words.Contains(property.Name) || property.MemberType == PSMemberTypes.NoteProperty
                    || (depth == 0 && Array.Exists(shown, name => name.Equals(property.Name, StringComparison.OrdinalIgnoreCase)))
                    || ((shown.Length == 0 || wantsAll) && property.MemberType == PSMemberTypes.Property && ObjectJson.IsSimple(property.TypeNameOfValue))))
            {
                taken.Add(property.Name);
                yield return property;
            }
        }
    }

    private static string Text(object? value)
    {
        try
        {
            return value?.ToString() ?? string.Empty;
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or PipelineStoppedException))
        {
            return value!.GetType().FullName!;
        }
    }
}

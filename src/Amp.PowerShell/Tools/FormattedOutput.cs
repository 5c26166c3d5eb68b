using System.Data;
using System.Management.Automation;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Handles output of a command that is not data: formatting instructions of <c>Format-Table</c> and others, which become the text that a
/// console would show, and the properties that ADO.NET adds to the columns of a row.
/// </summary>
internal static class FormattedOutput
{
    private const string Instructions = "Microsoft.PowerShell.Commands.Internal.Format";
    private const int Width = 200;

    /// <summary>Returns whether an object is a formatting instruction.</summary>
    public static bool Is(object? value) =>
        value is not null && (value is PSObject wrapped ? wrapped.BaseObject : value).GetType().Namespace == Instructions;

    /// <summary>
    /// Replaces each group of formatting instructions with its text. Call it on the thread of the session, when nothing runs in it.
    /// </summary>
    public static List<PSObject?> WithTexts(IReadOnlyList<PSObject?> items)
    {
        List<PSObject?> result = [];
        for (int i = 0; i < items.Count; i++)
        {
            if (!Is(items[i]))
            {
                result.Add(items[i]);
                continue;
            }

            int start = i;
            while (i + 1 < items.Count && Is(items[i + 1]))
            {
                i++;
            }

            result.Add(PSObject.AsPSObject(Text(items.Skip(start).Take(i - start + 1))));
        }

        return result;
    }

    /// <summary>Gets the columns of a row as properties; null if the object is not a row.</summary>
    public static IEnumerable<PSPropertyInfo>? Columns(PSObject item) => item.BaseObject switch
    {
        DataRow row => Columns(item, row.Table),
        DataRowView view => Columns(item, view.Row.Table),
        _ => null,
    };

    /// <summary>
    /// Gets the items of an object that users treat as a list although it is not a .NET list; otherwise the object itself.
    /// </summary>
    public static object? Inside(object? value) => value switch
    {
        DataTable table => table.Rows,
        DataSet set => set.Tables.Cast<DataTable>().ToDictionary(table => table.TableName, table => (object)table.Rows),
        PSReference reference => reference.Value,
        _ => value,
    };

    private static IEnumerable<PSPropertyInfo> Columns(PSObject item, DataTable table) =>
        table.Columns.Cast<DataColumn>().Select(column => item.Properties[column.ColumnName]).Where(property => property is not null);

    private static string Text(IEnumerable<PSObject?> instructions)
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand("Microsoft.PowerShell.Utility\\Out-String").AddParameter("Width", Width);
        try
        {
            IEnumerable<string> lines = shell.Invoke<string>(instructions).SelectMany(text => TerminalText.Strip(text).Split('\n')).Select(line => line.TrimEnd());
            return string.Join('\n', lines).Trim('\n');
        }
        catch (RuntimeException exception)
        {
            // A part of the output of Format-Table, for example from Select-Object -First, is not a table.
            return $"(formatted output that cannot be shown: {exception.Message})";
        }
    }
}

using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Amp.Sdk.Tests.Records;

/// <summary>Writes down everything that the public properties of an object say, so that two objects can be compared whatever they are.</summary>
internal static class ObjectText
{
    private const int Deepest = 12;

    public static string Of(object? value)
    {
        StringBuilder text = new();
        Write(text, value, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? value, int depth)
    {
        Assert.True(depth < Deepest, text.ToString());
        switch (value)
        {
            case null or string or Enum or DateTimeOffset or TimeSpan:
            case IConvertible:
                text.AppendLine(CultureInfo.InvariantCulture, $"{value}");
                break;
            case IDictionary fields:
                foreach (DictionaryEntry field in fields)
                {
                    text.Append(' ', depth).Append(field.Key).Append(" = ");
                    Write(text, field.Value, depth + 1);
                }

                break;
            case IEnumerable items:
                text.AppendLine("[");
                foreach (object? item in items)
                {
                    Write(text, item, depth + 1);
                }

                text.AppendLine("]");
                break;
            default:
                text.AppendLine(value.GetType().Name);
                foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    text.Append(' ', depth).Append(property.Name).Append(" = ");
                    Write(text, property.GetValue(value), depth + 1);
                }

                break;
        }
    }
}

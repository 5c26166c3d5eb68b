using System.Collections;
using System.Collections.Specialized;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>Rules for tests, and what is said of wrong ones.</summary>
internal static class Rule
{
    public static AmpPermission Matching(IDictionary matches) => new("Bash", PermissionAction.Reject, matches);

    public static AmpPermission Matching(object? value) => Matching(new Hashtable { ["cmd"] = value });

    /// <summary>The error for a value at <c>Match.cmd</c>.</summary>
    public static AmpValidationException Refused(object? value) => Refused(() => Matching(value), "Match");

    public static AmpValidationException Refused(Func<object> make, string optionName)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(make);
        Assert.Equal((AmpErrorId.InvalidOption, optionName), (error.ErrorId, error.OptionName));
        Assert.False(string.IsNullOrWhiteSpace(error.RecommendedAction));
        return error;
    }

    public static void Says(string reason, AmpValidationException error) =>
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);

    public static OrderedDictionary Ordered(params (object Key, object? Value)[] entries)
    {
        OrderedDictionary result = [];
        foreach ((object key, object? value) in entries)
        {
            result.Add(key, value);
        }

        return result;
    }
}

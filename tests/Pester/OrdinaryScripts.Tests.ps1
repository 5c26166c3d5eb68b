#Requires -Version 7.4

# What scripts do without a thought, and what must come of it.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $seconds = Get-Command -Module Amp -CommandType Cmdlet | ForEach-Object {
        $command = $_.Name
        $_.Parameters.Keys -like '*Sec' | ForEach-Object { @{ Command = $command; Parameter = $_ } }
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $id = 'T-5928a90d-d53b-488f-a829-4e36442142ee'
    $other = 'T-00000000-d53b-488f-a829-4e36442142ee'

    # What the fake CLI was given by standard input in its last run.
    function Get-Prompt {
        @(Get-AmpFakeRecord $place -Kind Run)[-1].standardInput.text
    }

    function Get-RunJson {
        Get-AmpFakeRecord $place -Kind Run | ConvertTo-Json -Depth 6
    }
}

Describe 'In strict mode' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place -Step @(
            'init', (Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'ls' }), (Get-AmpFakeToolStep -Result 'a.txt'), 'assistant Done.', 'result Done.')
        $run = Invoke-AmpAgent go @call
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'what all messages of a run are asked for is there: <_>' -ForEach 'Content', 'Text', 'ToolUse', 'ToolResult' {
        Set-StrictMode -Version 3
        foreach ($message in $run) {
            { $null = $message.$_ } | Should -Not -Throw
            , $message.$_ | Should -Not -Be $null
        }
    }

    It 'a run and its result are read as the pages read them' {
        Set-StrictMode -Version 3
        $run.ToolUse.Command | Should -Be 'ls'
        $run.ToolResult.Text | Should -Be 'a.txt'
        $run.Content.Count | Should -BeGreaterThan 2
        $run[-1].Error | Should -BeNullOrEmpty
        $run[-1].Result | Should -Be 'Done.'
        $run.ThreadId | Select-Object -Unique | Should -HaveCount 1
    }
}

Describe 'A number of seconds' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'has fractions: <Command> -<Parameter>' -ForEach $seconds {
        (Get-Command $Command).Parameters[$Parameter].ParameterType | Should -Be ([double])
    }

    It 'is a limit also where it is less than one' {
        $slow = Get-AmpFakeCall $place 'init', 'hang'
        Invoke-AmpAgent go @slow -TimeoutSec 0.5 -ErrorAction SilentlyContinue -ErrorVariable errors | Out-Null
        $errors[0].FullyQualifiedErrorId | Should -Be 'Timeout,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $errors[0].Exception.Limit.TotalSeconds | Should -Be 0.5
    }

    It 'is refused as <Name>' -ForEach @(
        @{ Name = 'null'; Value = $null }
        @{ Name = 'less than none'; Value = -0.4 }
        @{ Name = 'too much'; Value = 1e9 }
        @{ Name = 'no number'; Value = [double]::NaN }
        @{ Name = 'a word'; Value = 'soon' }
    ) {
        Get-ChildItem -LiteralPath $place.Log | Remove-Item
        foreach ($parameter in 'TimeoutSec', 'IdleTimeoutSec', 'ApprovalTimeoutSec', 'ToolTimeoutSec') {
            $given = @{ $parameter = $Value }
            { Invoke-AmpAgent go @call @given } | Should -Throw -ErrorId '*Argument*,Amp.PowerShell.Commands.InvokeAmpAgentCommand' -Because $parameter
        }

        { Get-AmpUsage -TimeoutSec $Value -CliPath $call.CliPath } | Should -Throw -ErrorId '*Argument*'
        { Install-AmpCli -TimeoutSec $Value -WhatIf } | Should -Throw -ErrorId '*Argument*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}

Describe 'Rules and servers that were kept as JSON' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place

        function Get-Copy([object[]] $Object, [switch] $EnumsAsStrings) {
            , ($Object | ConvertTo-Json -Depth 10 -AsArray -EnumsAsStrings:$EnumsAsStrings | ConvertFrom-Json)
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are the same rules: <Name>' -ForEach @(
        @{ Name = 'a tool'; Rule = { New-AmpPermission Bash Allow -Match @{ cmd = 'git *', 'ls' } -Context Subagent } }
        @{ Name = 'a kind'; Rule = { New-AmpPermission -Kind Shell -Action Reject -Command '*rm*' -Message 'no' } }
        @{ Name = 'a program'; Rule = { New-AmpPermission Read Delegate -To /bin/true } }
        @{ Name = 'several'; Rule = { (New-AmpPermission Bash Ask), (New-AmpPermission -Kind Web -Action Allow), (New-AmpPermission '*' Reject) } }
    ) {
        $rules = @(& $Rule)
        foreach ($names in $true, $false) {
            $given = Get-Copy $rules -EnumsAsStrings:$names
            # Nothing is taken for a rule that is not written as it was.
            $taken = (Get-Command Invoke-AmpAgent).Parameters.Permission.Attributes.Where{ $_ -is [System.Management.Automation.ArgumentTransformationAttribute] }[0].Transform($ExecutionContext, $given)
            $taken | ForEach-Object ToJson | Should -Be ($rules | ForEach-Object ToJson)
        }
    }

    It 'are refused where the number means nothing' {
        { Invoke-AmpAgent go @call -Permission ([pscustomobject]@{ tool = 'Bash'; action = 17 }) } | Should -Throw '*Allow, Reject, Ask, Delegate*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'are the same servers: <Name>' -ForEach @(
        @{ Name = 'a program'; Server = { New-AmpMcpServer db npx '-y', 'dbserver' } }
        @{ Name = 'an address'; Server = { New-AmpMcpServer web -Url https://example.com/mcp } }
    ) {
        $server = & $Server
        $taken = (Get-Command Invoke-AmpAgent).Parameters.McpServer.Attributes.Where{ $_ -is [System.Management.Automation.ArgumentTransformationAttribute] }[0].Transform($ExecutionContext, (Get-Copy $server))
        $taken[0].GetType() | Should -Be $server.GetType()
        $taken[0] | ConvertTo-Json -Depth 5 | Should -Be ($server | ConvertTo-Json -Depth 5)
    }

    It 'are refused where JSON has lost a secret: <Name>' -ForEach @(
        @{ Name = 'a variable'; Server = { New-AmpMcpServer db npx -Environment @{ DB_TOKEN = 'canary-0001' } } }
        @{ Name = 'a header'; Server = { New-AmpMcpServer web -Url https://example.com/mcp -Header @{ Authorization = 'Bearer canary-0001' } } }
        @{ Name = 'an address'; Server = { New-AmpMcpServer web -Url 'https://example.com/mcp?api_key=canary-0001' } }
    ) {
        foreach ($depth in 1, 2, 9) {
            $json = & $Server | ConvertTo-Json -Depth $depth -AsArray -WarningAction Ignore
            $json | Should -Not -Match 'canary-0001'
            { Invoke-AmpAgent go @call -McpServer ($json | ConvertFrom-Json) } | Should -Throw -Because "depth $depth"
        }

        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}

Describe 'Messages of a run, piped into the next one' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        $run = Invoke-AmpAgent first @call
        Get-ChildItem -LiteralPath $place.Log | Remove-Item
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'say which thread goes on: <Name>' -ForEach @(
        @{ Name = 'all of them'; Pick = { $run } }
        @{ Name = 'the result'; Pick = { $run[-1] } }
        @{ Name = 'what came back from a job'; Pick = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($run)) } }
    ) {
        & $Pick | Invoke-AmpAgent 'go on' @call | Out-Null
        Get-RunJson | Should -Match $run[0].ThreadId
        Get-Prompt | Should -BeExactly 'go on'
    }

    It 'are what it is about with -AsContext' {
        $run | Invoke-AmpAgent 'what came of it?' @call -AsContext | Out-Null
        Get-Prompt | Should -BeLike 'what came of it*Echo: first*'
        "$((Get-AmpFakeRecord $place -Kind Run).commandLine)" | Should -Not -Match $run[0].ThreadId
    }

    It 'are refused of two runs, and beside something else' {
        $second = Invoke-AmpAgent second @call
        Get-ChildItem -LiteralPath $place.Log | Remove-Item
        $call.Environment.AMP_FAKE_SESSION = $other
        if ($second[-1].ThreadId -ne $run[-1].ThreadId) {
            { $run[-1], $second[-1] | Invoke-AmpAgent 'go on' @call } | Should -Throw -ErrorId 'InvalidOption,*'
        }

        { $run[-1], (Get-Item $place.Project) | Invoke-AmpAgent 'go on' @call } | Should -Throw -ErrorId 'InvalidOption,*'
        { $run[-1] | Invoke-AmpAgent 'go on' @call -ThreadId $other } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}

Describe 'Piped data' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is whole: <Name>' -ForEach @(
        @{ Name = 'objects in objects'; Data = { '{"host":"a","disk":{"free":17,"parts":[{"name":"sda1"}]}}' | ConvertFrom-Json }; Wanted = '"free":17', '"name":"sda1"' }
        @{ Name = 'a long list'; Data = { [pscustomobject]@{ ports = 1..9 } }; Wanted = '[1,2,3,4,5,6,7,8,9]' }
        @{ Name = 'a long text'; Data = { [pscustomobject]@{ id = 1; message = 'x' * 400 + 'end' } }; Wanted = 'xend' }
        @{ Name = 'a hashtable'; Data = { [ordered]@{ name = 'web'; tags = 'a', 'b', 'c', 'd', 'e' } }; Wanted = '["a","b","c","d","e"]' }
        @{ Name = 'a table and then more'; Data = { [pscustomobject]@{ id = 1 }; [pscustomobject]@{ id = 2; parts = 1..6 } }; Wanted = '[1,2,3,4,5,6]' }
        @{ Name = 'what came back from a job'; Data = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize([pscustomobject]@{ ports = 1..9 })) }; Wanted = '[1,2,3,4,5,6,7,8,9]' }
    ) {
        & $Data | Invoke-AmpAgent 'read' @call -WarningVariable warnings | Out-Null
        $prompt = Get-Prompt
        $Wanted | ForEach-Object { $prompt.Contains($_) | Should -BeTrue -Because "$_ is in $prompt" }
        $prompt | Should -Not -Match '@\{|…|System\.Object'
        $warnings | Should -BeNullOrEmpty
    }

    It 'is said to be cut, to the model and to you: <Name>' -ForEach @(
        @{ Name = 'deeper than it may be'; Data = { '{"a":{"b":{"c":{"d":1}}}}' | ConvertFrom-Json }; Limit = @{ ContextDepth = 2 } }
        @{ Name = 'longer than it may be'; Data = { 1..50 | ForEach-Object { "line $_" } }; Limit = @{ MaxContextLength = 100 } }
        @{ Name = 'a table that cannot show it'; Data = { Get-Item (New-Item -ItemType File (Join-Path $place.Project ('n' * 240 + '.txt'))) | Select-Object -Property @{ n = 'File'; e = { $_ } }, @{ n = 'T'; e = { 1 } } | ForEach-Object { $_.PSObject.TypeNames.Insert(0, 'Deserialized.X'); $_.File = 'n' * 400; $_ } }; Limit = @{} }
    ) {
        & $Data | Invoke-AmpAgent 'read' @call @Limit -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        Get-Prompt | Should -BeLike '*some data is not shown: *'
        $warnings | Where-Object { "$_" -like 'The model does not get all*' } | Should -HaveCount 1
        if ($Limit.MaxContextLength) {
            (Get-Prompt).Length | Should -BeLessThan 500
        }
    }
}

Describe 'Two results of one run' {
    It 'are one result and a warning with -ResultOnly' {
        $place = Open-AmpTestPlace
        try {
            $call = Get-AmpFakeCall $place 'init', 'assistant Hello', 'result first', 'result second'
            $result = Invoke-AmpAgent go @call -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue
            @($result).Count | Should -Be 1
            $result.Result | Should -Be 'second'
            $warnings.Count | Should -Be 1
        } finally {
            Close-AmpTestPlace $place
        }
    }
}

Describe 'Messages of a session' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        $session = New-AmpSession @call
    }

    AfterEach {
        Remove-AmpSession $session -ErrorAction Ignore | Out-Null
        Close-AmpTestPlace $place
    }

    It 'are about what is piped in, as the prompt of a run is' {
        $answer = [pscustomobject]@{ Name = 'alpha'; Size = 1 }, [pscustomobject]@{ Name = 'beta'; Size = 2 } |
            Send-AmpMessage $session 'which is larger?' -ResultOnly
        @($answer).Count | Should -Be 1
        $answer.Text | Should -Match '(?s)^Echo: which is larger\?.*2 objects.*alpha.*beta'
        $session.TurnCount | Should -Be 1
    }

    It 'are a turn each where they are piped in alone' {
        $answers = 'one', (New-AmpUserMessage two) | Send-AmpMessage $session -ResultOnly
        $answers.Text | Should -Be 'Echo: one', 'Echo: two'
    }

    It 'are about what is given by name, item by item' {
        $objects = [pscustomobject]@{ Name = 'alpha'; Size = 1 }, [pscustomobject]@{ Name = 'beta'; Size = 2 }
        (Send-AmpMessage $session 'which is larger?' -InputObject $objects -ResultOnly).Text | Should -Match '(?s)^Echo: which is larger\?.*2 objects.*alpha.*beta'
        (Send-AmpMessage $session -InputObject 'one', (New-AmpUserMessage two) -ResultOnly).Text | Should -Be 'Echo: one', 'Echo: two'
    }

    It 'are refused where there is none, or nothing to ask about: <Name>' -ForEach @(
        @{ Name = 'no message'; Try = { Send-AmpMessage $session }; Wanted = 'InvalidOption' }
        @{ Name = 'a null message about objects'; Try = { 1, 2 | Send-AmpMessage $session $null -ErrorAction Stop }; Wanted = 'InvalidOption' }
        @{ Name = 'no answer wanted and wanted'; Try = { Send-AmpMessage $session go -NoWait -ResultOnly }; Wanted = 'InvalidOption' }
        @{ Name = 'objects without a question'; Try = { Get-Item / | Send-AmpMessage $session -ErrorAction Stop }; Wanted = 'InvalidOption' }
        @{ Name = 'null by name'; Try = { Send-AmpMessage $session 'which?' -InputObject $null }; Wanted = 'InvalidOption' }
        @{ Name = 'an empty list by name'; Try = { Send-AmpMessage $session 'which?' -InputObject @() }; Wanted = 'InvalidOption' }
    ) {
        $Try | Should -Throw -ErrorId "$Wanted,*"
        $session.TurnCount | Should -Be 0
    }

    It 'are a warning and no turn where nothing is piped in' {
        @() | Send-AmpMessage $session 'which?' -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $warnings.Count | Should -Be 1
        $session.TurnCount | Should -Be 0
    }
}

Describe 'What comes from a file or a job' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        function Get-Stored([object] $Object) {
            [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($Object))
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is refused as a session, with the reason' {
        $session = New-AmpSession @call
        try {
            { Send-AmpMessage (Get-Stored $session) 'go' } | Should -Throw '*only where it was created*'
            { Stop-AmpTurn (Get-Stored $session) } | Should -Throw '*only where it was created*'
            { Remove-AmpSession (Get-Stored $session) } | Should -Throw '*only where it was created*'
        } finally {
            Remove-AmpSession $session | Out-Null
        }
    }

    It 'is a link that leads nowhere, and is told as one' {
        $link = Join-Path $place.Root 'link'
        $null = New-Item -ItemType SymbolicLink -Path $link -Target (Join-Path $place.Root 'nowhere') -Force
        $given = $call + @{}
        $given.WorkingDirectory = $link
        { Invoke-AmpAgent go @given } | Should -Throw -ErrorId 'InvalidOption,*'
        { Invoke-AmpAgent go @given } | Should -Throw '*link*'
    }
}

Describe 'What is written into a file or a text' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place -Step @(
            'init', (Get-AmpFakeToolStep -Name create_file -Argument @{ path = '/tmp/a b.txt' } -Id t1), (Get-AmpFakeToolStep -Result 'ok' -Id t1),
            (Get-AmpFakeToolStep -Name create_file -Argument @{ path = '/tmp/c.txt' } -Id t2), (Get-AmpFakeToolStep -Result 'ok' -Id t2), 'assistant Done.', 'out {"type":"later","x":1}', 'result Done.')
        $run = Invoke-AmpAgent go @call
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is readable in CSV' {
        $csv = $run[-1] | ConvertTo-Csv
        $csv | Should -Not -Match 'ReadOnlyArray|System\.(String|Object)\[\]|"Amp\.\w+'
        ($csv | ConvertFrom-Csv).FilesTouched | Should -Be '/tmp/a b.txt, /tmp/c.txt'
        foreach ($message in $run) {
            $message | ConvertTo-Csv | Should -Not -Match 'ReadOnlyArray|System\.(String|Object)\[\]|Amp\.\w+\[\]'
        }
    }

    It 'is readable in a text' {
        foreach ($message in $run) {
            "$message" | Should -Not -Match '^(Amp|System)\.|\[\]|ReadOnlyArray'
        }

        "$($run[0])" | Should -BeLike "*$($run[0].ThreadId)*"
    }
}

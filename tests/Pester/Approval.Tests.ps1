#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = $IsWindows ? ' (not run: on Windows the CLI can ask nobody)' : (Get-AmpTestGap MarchCli)
    $builds = 'JanuaryCli', 'MarchCli', 'MayCli', 'NativeCli' |
        ForEach-Object { @{ Build = $_; Missing = $IsWindows ? ' (not run: on Windows the CLI can ask nobody)' : (Get-AmpTestGap $_) } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'Parameters of an approval that contradict each other' {
    It 'refuses <Name>' -ForEach @(
        @{ Name = 'a script and a prompt'; Parameters = @{ ApprovalScript = { $true }; Confirm = $true }; Target = 'ApprovalScript' }
        @{ Name = 'a script where all is allowed'; Parameters = @{ ApprovalScript = { $true }; DangerouslyAllowAll = $true }; Target = 'ApprovalScript' }
        @{ Name = 'a prompt where all is allowed'; Parameters = @{ Confirm = $true; DangerouslyAllowAll = $true }; Target = 'ApprovalScript' }
        @{ Name = 'a time for nobody'; Parameters = @{ ApprovalTimeoutSec = 3 }; Target = 3 }
    ) {
        $failure = { Invoke-AmpAgent 'go' @Parameters } | Should -Throw -PassThru -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $failure.TargetObject | Should -Be $Target
    }
}

Describe "Approval of tool calls by the caller$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        $call.ResultOnly = $true
        Set-Content -LiteralPath (Join-Path $place.Project 'make') -Value "#!/bin/sh`necho made > `"`$1`""
        chmod +x (Join-Path $place.Project 'make')

        function Get-MakeCall {
            # A prompt that makes the model run a program that no built-in rule knows, once a name.
            param([Parameter(Mandatory)] [string[]] $Name)
            ($Name | ForEach-Object { "RUN:Bash {`"cmd`":`"./make $_`"}END" }) -join ' '
        }

        function Get-Made {
            (Get-ChildItem -LiteralPath $place.Project | Where-Object Name -NE make).Name | Sort-Object
        }

        function Get-AskingProcess {
            # The programs that ask know nothing of the place but the folder that they are in.
            if ($IsLinux) {
                foreach ($folder in [System.IO.Directory]::GetDirectories('/proc')) {
                    try {
                        if ([System.IO.File]::ReadAllText("$folder/cmdline").Split([char] 0) -match "^$([regex]::Escape($place.Temp)).*/approve") {
                            [System.IO.Path]::GetFileName($folder)
                        }
                    } catch [System.Exception] {
                        continue
                    }
                }
            }
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    AfterEach {
        Get-ChildItem -LiteralPath $place.Project | Where-Object Name -NE make | Remove-Item
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
        Get-AskingProcess | Should -BeNullOrEmpty
    }

    It 'runs the script in the scope of the caller, gives it the call, and tells what was decided' {
        $wanted = 'f'
        $state = @{}
        function Get-Wanted { $wanted }
        $output = Invoke-AmpAgent 'RUN:Bash {"cmd":"./make f","deep":{"er":[1,{"est":"here"}]}}END' @call -Verbose -ApprovalScript {
            param($Call)
            $state.Call = $Call
            Write-Warning "`e[31mfrom the script`e]0;title`a sgamp_$('x' * 20)"
            Write-Error 'no reason to fail' -ErrorAction Continue
            $Call.Input.cmd -eq "./make $(Get-Wanted)"
        } 4>&1 3>&1
        $result = $output | Where-Object { $_ -is [Amp.ResultMessage] }

        Get-Made | Should -Be 'f' -Because "the run said: $output"
        $state.Call | Should -BeOfType [Amp.ApprovalRequest]
        $state.Call.ToolName | Should -Be 'Bash'
        $state.Call.Kind | Should -Be 'Shell'
        $state.Call.Command | Should -Be './make f'
        $state.Call.CommandDirectory | Should -Be $place.Project
        $state.Call.Input.deep.er[1].est | Should -Be 'here'
        $state.Call.WorkingDirectory | Should -Be $place.Project
        $state.Call.ThreadId | Should -Be $result.ThreadId
        "$($state.Call)" | Should -BeLike 'Bash {"cmd":"./make f"*'
        $result.Outcome | Should -Be 'Succeeded'
        $result.Approvals.Count | Should -Be 1
        $result.Approvals[0].IsAllowed | Should -BeTrue
        $result.Approvals[0].ToolUseId | Should -Be $state.Call.ToolUseId
        $result.Approvals[0].Reason | Should -BeNullOrEmpty
        "$output" | Should -Match 'Allowed Bash \{"cmd":"./make f"'
        "$output" | Should -Match 'from the script'
        "$output" | Should -Not -Match "[`e`a]|title|sgamp_"
        "$output" | Should -Match 'The approval script wrote an error: no reason to fail'
    }

    It 'asks about tools of the session too, and runs those that it allows in between' {
        $state = @{ Asked = @(); Ran = @() }
        $tool = New-AmpTool -Name note -Description 'Notes a name.' -ScriptBlock {
            param([Parameter(Mandatory)] [string] $Name)
            $state.Ran += $Name
            "noted $Name"
        }
        $calls = 'f', 'g', 'h' | ForEach-Object { "RUN:mcp__ps__note {`"Name`":`"$_`"}END" }

        $result = Invoke-AmpAgent ($calls -join ' ') @call -Tool $tool -WarningAction SilentlyContinue -WarningVariable warnings -ApprovalScript {
            param($Call)
            $state.Asked += $Call.Input.Name
            $Call.Input.Name -ne 'g'
        }

        $state.Asked | Sort-Object | Should -Be 'f', 'g', 'h'
        $state.Ran | Sort-Object | Should -Be 'f', 'h'
        $result.Outcome | Should -Be 'Denied'
        $result.Approvals.IsAllowed | Sort-Object | Should -Be $false, $true, $true
        "$warnings" | Should -Match 'were denied'
        "$warnings" | Should -Not -Match '\.\.'
    }

    It 'takes nothing but a clear yes for one' {
        $answers = [ordered]@{
            Text = 'yes'
            Empty = ''
            No = $false
            Rejected = [Amp.ApprovalDecision]::Reject('use tar')
            Null = $null
            Number = 42
            Object = [pscustomobject]@{ IsAllowed = $true }
            Two = $true, $true
            Nothing = [System.Management.Automation.Internal.AutomationNull]::Value
            Thrown = 'throw'
            Allowed = [Amp.ApprovalDecision]::Allow
            Yes = $true
        }
        $result = Invoke-AmpAgent (Get-MakeCall $answers.Keys) @call -WarningAction SilentlyContinue -ApprovalScript {
            param($Call)
            $name = $Call.Input.cmd.Split()[1]
            if ($name -eq 'Thrown') { throw 'boom' }
            $answers[$name]
        }

        Get-Made | Should -Be 'Allowed', 'Yes'
        $result.Outcome | Should -Be 'Denied'
        $result.Denials.Count | Should -Be 10
        $result.Denials.Reason | Should -Contain 'Tool execution rejected by user: use tar'
        $result.Denials.Reason | Should -Contain 'Tool execution rejected by user: yes'
        $reason = @{}
        $result.Approvals | ForEach-Object { $reason[($_.Input | ConvertFrom-Json).cmd.Split()[1]] = $_.Reason }
        $reason.Count | Should -Be 12
        $reason.Null | Should -BeLike '*returned $null'
        $reason.Number | Should -BeLike '*System.Int32*'
        $reason.Two | Should -BeLike '*2 objects*'
        $reason.Nothing | Should -BeLike '*0 objects*'
        $reason.Thrown | Should -BeLike '*boom'
        "$($result.Denials)" | Should -Not -Match 'boom' -Because 'what goes wrong in the script is nothing for the model'
    }

    It 'gives the call as $_, as $args[0] and as the first parameter, also to a script of a module or a closure' {
        $asked = [System.Collections.Generic.List[string]]::new()
        $part = 'x'
        $scripts = @{
            Pipeline = { $asked.Add($_.ToolName); $_.Input.cmd -notmatch 'bad' }
            Arguments = { $asked.Add($args[0].ToolName); $args[0].Input.cmd -notmatch 'bad' }
            Parameter = { param($Any) $asked.Add($Any.ToolName); $Any.Input.cmd -notmatch 'bad' }
            Closure = { $asked.Add("$($_.ToolName)$part"); $_.Input.cmd -notmatch 'bad' }.GetNewClosure()
        }
        foreach ($name in $scripts.Keys) {
            $asked.Clear()
            $result = Invoke-AmpAgent (Get-MakeCall good, bad) @call -WarningAction SilentlyContinue -ApprovalScript $scripts[$name]
            Get-Made | Should -Be 'good' -Because "the script is '$name'"
            $asked.Count | Should -Be 2
            $asked | Should -BeLike 'Bash*'
            $result.Approvals.Count | Should -Be 2
            Remove-Item -LiteralPath (Join-Path $place.Project good)
        }

        $module = New-Module -ScriptBlock {
            $word = 'bad'
            function Invoke-Own([string] $Prompt, [hashtable] $Call) {
                Invoke-AmpAgent $Prompt @Call -WarningAction SilentlyContinue -ApprovalScript { $_.Input.cmd -notmatch $word }
            }

            function Invoke-Given([string] $Prompt, [hashtable] $Call, [scriptblock] $Script) {
                Invoke-AmpAgent $Prompt @Call -WarningAction SilentlyContinue -ApprovalScript $Script
            }
        }
        $null = & $module { Invoke-Own @args } (Get-MakeCall good, bad) $call
        Get-Made | Should -Be 'good'
        Remove-Item -LiteralPath (Join-Path $place.Project good)
        $null = & $module { Invoke-Given @args } (Get-MakeCall good, bad) $call { $_.Input.cmd -notmatch 'bad' }
        Get-Made | Should -Be 'good'
    }

    It 'takes a script that fails for a no, warns of it, and says why in the decision: <Name>' -ForEach @(
        @{ Name = 'it throws'; Script = { throw 'boom' }; Reason = '*boom*' }
        @{ Name = 'a property is not there'; Script = { $_.Input.command -notmatch 'rm' }; Reason = '*command*' }
        @{ Name = 'a property is not there, and a yes follows'; Script = { if ($_.Input.command -match 'rm') { return $false }; $true }; Reason = '*command*' }
        @{ Name = 'a variable is misspelt'; Script = { param($Call) $Call -and $Cal.Input.cmd -notmatch 'rm' }; Reason = '*Cal*' }
        @{ Name = 'a command is not there, and a yes follows'; Script = { Test-NoSuchCommandAnywhere; $true }; Reason = '*Test-NoSuchCommandAnywhere*' }
        @{ Name = 'it wants a wrong type'; Script = { param([int] $Call) $Call -ge 0 }; Reason = '*Int32*' }
        @{ Name = 'it gives no decision'; Script = { }; Reason = '*0 objects*' }
    ) {
        $result = Invoke-AmpAgent (Get-MakeCall f) @call -ApprovalScript $Script -WarningVariable warnings -WarningAction SilentlyContinue

        Get-Made | Should -BeNullOrEmpty
        $result.Approvals.Count | Should -Be 1
        $result.Approvals[0].IsAllowed | Should -BeFalse
        $result.Approvals[0].Reason | Should -BeLike $Reason
        @($warnings) -like '*approval script failed*' | Should -BeLike $Reason
    }

    It 'does not take an error that ends nothing for a no' {
        $null = Invoke-AmpAgent (Get-MakeCall f) @call -WarningAction SilentlyContinue -ErrorAction SilentlyContinue -ApprovalScript { Write-Error 'noted' -ErrorAction Continue; $true }
        Get-Made | Should -Be 'f'
    }

    It 'stops a script that takes too long, and takes that for a no' {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $result = Invoke-AmpAgent (Get-MakeCall f) @call -ApprovalTimeoutSec 2 -WarningAction SilentlyContinue -ApprovalScript { Start-Sleep 600; $true }

        $watch.Elapsed.TotalSeconds | Should -BeLessThan 300 -Because 'the script would sleep for longer'
        $result.Approvals[0].Reason | Should -Be 'No decision was made within 2 s.'
        Get-Made | Should -BeNullOrEmpty
    }

    It 'asks in two runs at once, each by its own script, also below a temporary folder with a very long name' {
        $long = New-Item -ItemType Directory -Path (Join-Path $place.Temp ('a' * (120 - $place.Temp.Length)))
        $long.FullName.Length | Should -BeGreaterThan 100
        $env:TMPDIR = $long.FullName
        try {
            $module = (Get-AmpTestLayout).Module
            $prompt = Get-MakeCall ax, bx, ay, by
            $results = 'x', 'y' | ForEach-Object -Parallel {
                Import-Module $using:module
                $call = $using:call
                $mine = $_
                Invoke-AmpAgent $using:prompt @call -WarningAction SilentlyContinue -ApprovalScript {
                    param($Call)
                    $Call.Input.cmd.EndsWith($mine) ? $true : "not for $mine"
                }
            }
            @($results).Count | Should -Be 2
            Get-Made | Should -Be 'ax', 'ay', 'bx', 'by'
            $results.Approvals.Count | Should -Be 8
            ($results.Approvals | Where-Object IsAllowed).Count | Should -Be 4
            $results.Approvals.Reason | Where-Object { $_ } | Sort-Object -Unique | Should -Be 'not for x', 'not for y'
        } finally {
            $env:TMPDIR = $place.Temp
            Get-ChildItem -LiteralPath $long.FullName | Should -BeNullOrEmpty
            Remove-Item -LiteralPath $long.FullName
        }
    }

    It 'ends with the pipeline while a script thinks' {
        $mark = Join-Path $place.Root "thinks-$([guid]::NewGuid())"
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                    $module, $call, $prompt, $mark = $args
                    Import-Module $module
                    Invoke-AmpAgent $prompt @call -ApprovalScript { Set-Content $mark x; Start-Sleep 600; $true }
                }).AddArgument((Get-AmpTestLayout).Module).AddArgument($call).AddArgument((Get-MakeCall f)).AddArgument($mark)
            $running = $shell.BeginInvoke()
            Wait-AmpTestCondition { Test-Path -LiteralPath $mark } -Because 'the script is asked'
            $shell.Stop()
            { $shell.EndInvoke($running) } | Should -Throw
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        } finally {
            $shell.Dispose()
        }

        Get-Made | Should -BeNullOrEmpty
    }

    It 'leaves no program that waits when PowerShell is killed' -Skip:(-not $IsLinux) {
        $mark = Join-Path $place.Root 'asked'
        $null = Invoke-AmpTestShell $place "Invoke-AmpAgent '$(Get-MakeCall f)' @call -ApprovalScript { Set-Content '$mark' x; Start-Sleep 600; `$true }" -Call $call -While {
            param($process)
            Wait-AmpTestCondition { Test-Path -LiteralPath $mark } -Because 'the script is asked'
            Get-AskingProcess | Should -Not -BeNullOrEmpty
            Stop-Process -Id $process.Id -Force
        }
        Wait-AmpTestCondition { -not (Get-AskingProcess) } -Because 'the program that asked has ended'
        Get-AmpTestProcess $place | ForEach-Object { Stop-Process -Id $_ -Force }
        Get-Made | Should -BeNullOrEmpty
        Get-ChildItem -LiteralPath $place.Temp | Remove-Item -Recurse
    }

    It 'decides in a session, and in each turn by whichever cmdlet waits' {
        $own = $call.Clone()
        $own.Remove('ResultOnly')
        $asked = @{}
        $session = New-AmpSession @own -ApprovalScript {
            param($Call)
            $asked[$Call.Input.cmd] = $Call.ThreadId
            $Call.Input.cmd -ne './make b'
        }
        try {
            Send-AmpMessage $session (Get-MakeCall a, b) | Out-Null
            Send-AmpMessage $session (Get-MakeCall c) -NoWait
            Get-Made | Should -Be 'a'
            Receive-AmpMessage $session -Wait | Out-Null
        } finally {
            $result = Remove-AmpSession $session
        }

        Get-Made | Should -Be 'a', 'c'
        $asked.Keys | Sort-Object | Should -Be './make a', './make b', './make c'
        $asked.Values | Sort-Object -Unique | Should -Be $session.ThreadId
        if ($result) {
            $result.Approvals.Count | Should -Be 3
        }
    }
}

Describe 'The approval of the README, as it is printed there, on <Build><Missing>' -ForEach $builds {
    It 'lets no spelling of rm through, and the work that it is for' -Skip:([bool] $Missing) {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        $call.CliPath = (Get-AmpTestLayout).$Build
        $printed = (Get-AmpMarkdownSection (Join-Path (Get-AmpTestLayout).Root 'README.md')).Code |
            ForEach-Object { [regex]::Matches($_, '(?ms)^Invoke-AmpAgent \S+ [^\n]*-ApprovalScript (\{.*?^\})') } | ForEach-Object { $_.Groups[1].Value }
        @($printed).Count | Should -Be 1
        $script = & ([scriptblock]::Create($printed))

        Set-Content -LiteralPath (Join-Path $place.Project 'victim') -Value 'here'
        $commands = @(
            'git status', 'rm victim', 'r""m victim', '\rm victim', '/bin/rm -f victim', 'command rm victim', '"rm" victim', 'unlink victim', 'RM=rm; $RM victim'
            'sh -c "rm victim"', 'echo victim | xargs rm', 'find . -name victim -delete', 'git status; rm victim', "git status`nrm victim", "git status`n", 'git status && rm victim'
            'npm test | rm victim', 'true; git status', ' git status', 'GIT STATUS', 'python3 -c "import os; os.remove(''victim'')"', 'mv victim gone', '> victim'
        )
        $calls = foreach ($shell in @{ Name = 'Bash'; Field = 'cmd' }, @{ Name = 'shell_command'; Field = 'command' }, @{ Name = 'async_shell_command'; Field = 'command' }) {
            foreach ($command in $commands) {
                "RUN:$($shell.Name) $(@{ $shell.Field = $command } | ConvertTo-Json -Compress)END"
            }
        }

        $result = Invoke-AmpAgent ($calls -join ' ') @call -ApprovalScript $script -ResultOnly -WarningAction SilentlyContinue -ErrorAction Stop
        Get-Content -LiteralPath (Join-Path $place.Project 'victim') | Should -Be 'here'
        $asked = @($result.Approvals)
        $asked.Count | Should -BeGreaterOrEqual $commands.Count -Because 'each command of the shell that this build has is asked about'
        @($asked | Where-Object IsAllowed).Input | Sort-Object -Unique | Should -Match '"git status"'
        @($asked | Where-Object IsAllowed).Count | Should -Be ($asked.Count / $commands.Count)
        Close-AmpTestPlace $place
    }
}
